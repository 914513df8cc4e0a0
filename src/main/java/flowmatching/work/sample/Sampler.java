package flowmatching.work.sample;

import flowmatching.base.settings.Precision;
import flowmatching.base.settings.SampleSettings;
import flowmatching.flow.CountedVelocity;
import flowmatching.flow.DormandPrince;
import flowmatching.flow.RungeKutta;
import flowmatching.flow.Sampling;
import flowmatching.flow.Solver;
import flowmatching.means.image.Image;
import flowmatching.means.model.Model;
import flowmatching.network.Network;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples images with its own copy of the network; not thread-safe. An image depends on the model,
 * the settings, its id, and the ids in its group.
 */
final class Sampler implements AutoCloseable {
  private final Sampling sampling;
  private final Network network;

  Sampler(Model model, SampleSettings run, Precision precision) {
    this.sampling = new Sampling(model.settings().image(), run.seed(), solver(run));
    this.network = model.network(precision);
  }

  private static Solver solver(SampleSettings run) {
    List<Double> times = run.times().isEmpty() ? RungeKutta.equalSteps(run.steps()) : run.times();
    return switch (run.solver()) {
      case EULER -> RungeKutta.EULER.on(times);
      case MIDPOINT -> RungeKutta.MIDPOINT.on(times);
      case HEUN -> RungeKutta.HEUN.on(times);
      case RK4 -> RungeKutta.RK4.on(times);
      case DOPRI5 -> new DormandPrince(run.tolerance().absolute(), run.tolerance().relative());
    };
  }

  /** The images of a group of {@code count} ids. */
  List<IndexedImage> images(long first, int count) {
    CountedVelocity velocity = new CountedVelocity(network.field());
    List<Image> images = Image.ofNetwork(sampling.images(velocity, first, count));
    return IntStream.range(0, count)
        .mapToObj(i -> new IndexedImage(first + i, images.get(i), velocity.evaluations()))
        .toList();
  }

  @Override
  public void close() {
    network.close();
  }
}
