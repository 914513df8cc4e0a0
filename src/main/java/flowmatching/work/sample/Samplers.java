package flowmatching.work.sample;

import flowmatching.base.settings.Precision;
import flowmatching.base.settings.SampleSettings;
import flowmatching.means.model.Model;
import java.io.Serializable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * A pool of samplers in each executor, which is sent there once. Tasks reuse the networks because
 * building one takes as long as sampling a few images.
 */
final class Samplers implements Serializable, AutoCloseable {
  private final Model model;
  private final SampleSettings run;
  private final Precision precision;
  private final transient ConcurrentLinkedQueue<Sampler> idle = new ConcurrentLinkedQueue<>();

  Samplers(Model model, SampleSettings run, Precision precision) {
    this.model = model;
    this.run = run;
    this.precision = precision;
  }

  private Object readResolve() {
    return new Samplers(model, run, precision);
  }

  /** Runs work with a sampler that no other thread uses meanwhile. */
  <R> R with(Function<Sampler, R> work) {
    Sampler pooled = idle.poll();
    Sampler sampler = pooled == null ? new Sampler(model, run, precision) : pooled;
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
