package flowmatching.work.sample;

import flowmatching.base.settings.SampleSettings;
import flowmatching.flow.CountedVelocity;
import flowmatching.flow.DormandPrince;
import flowmatching.flow.Euler;
import flowmatching.flow.Heun;
import flowmatching.flow.Midpoint;
import flowmatching.flow.RungeKutta4;
import flowmatching.flow.Sampling;
import flowmatching.flow.Solver;
import flowmatching.flow.TimeGrid;
import flowmatching.means.image.Image;
import flowmatching.means.image.Png;
import flowmatching.means.model.Model;
import flowmatching.network.Network;
import flowmatching.network.NetworkVelocity;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples images with its own copy of the network; not thread-safe. An image depends on the model,
 * the settings, its id, and the ids in its group.
 */
final class Sampler implements AutoCloseable {
  private final Sampling sampling;
  private final long seed;
  private final Network network;
  private final NetworkVelocity networkVelocity;

  Sampler(Model model, SampleSettings run) {
    this.sampling = new Sampling(model.settings().image(), run.seed(), solver(run));
    this.seed = run.seed();
    this.network = model.network();
    this.networkVelocity = new NetworkVelocity(network);
  }

  private static Solver solver(SampleSettings run) {
    TimeGrid grid =
        run.times().isEmpty() ? TimeGrid.uniform(run.steps()) : new TimeGrid(run.times());
    return switch (run.solver()) {
      case EULER -> new Euler(grid);
      case MIDPOINT -> new Midpoint(grid);
      case HEUN -> new Heun(grid);
      case RK4 -> new RungeKutta4(grid);
      case DOPRI5 -> new DormandPrince(run.tolerance().absolute(), run.tolerance().relative());
    };
  }

  /** The samples of a group of {@code count} ids. */
  List<EncodedSample> samples(long first, int count) {
    return images(first, count).stream()
        .map(
            sample ->
                new EncodedSample(
                    sample.id(), seed, Png.encode(sample.image()), sample.evaluations()))
        .toList();
  }

  /** The images of a group of {@code count} ids. */
  List<IndexedImage> images(long first, int count) {
    CountedVelocity velocity = new CountedVelocity(networkVelocity);
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
