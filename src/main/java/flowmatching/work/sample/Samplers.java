package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.means.model.Model;
import java.io.Serializable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * A run's model on an executor. It travels there once, and the networks that are made from it go
 * from task to task: to make one takes as long as some images.
 */
final class Samplers implements Serializable, AutoCloseable {
  private final Model model;
  private final SampleSettings run;
  private transient ConcurrentLinkedQueue<Sampler> idle = new ConcurrentLinkedQueue<>();

  /** None are made yet. */
  Samplers(Model model, SampleSettings run) {
    this.model = model;
    this.run = run;
  }

  private Object readResolve() {
    return new Samplers(model, run);
  }

  /** Does some work with a sampler that no other thread has meanwhile. */
  <R> R with(Function<Sampler, R> work) {
    Sampler idler = idle.poll();
    Sampler sampler = idler == null ? new Sampler(model, run) : idler;
    try {
      R result = work.apply(sampler);
      idle.add(sampler);
      return result;
    } catch (RuntimeException | Error e) {
      sampler.close();
      throw e;
    }
  }

  /** Frees the networks that are idle. */
  @Override
  public void close() {
    for (Sampler sampler = idle.poll(); sampler != null; sampler = idle.poll()) {
      sampler.close();
    }
  }
}
