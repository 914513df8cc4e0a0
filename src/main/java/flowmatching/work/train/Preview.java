package flowmatching.work.train;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Settings;
import flowmatching.flow.Euler;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Sampling;
import flowmatching.flow.TimeGrid;
import flowmatching.means.image.Image;
import flowmatching.means.image.ImageGrid;
import flowmatching.means.image.Png;
import flowmatching.network.Network;
import flowmatching.network.NetworkVelocity;
import flowmatching.work.report.EvenlySpaced;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A picture of what the network draws from the same noise each time: that of the samples with ids
 * from 0 on, and the run's seed.
 */
record Preview(ImageShape shape, long seed, int count, int steps) {
  private static final int COLUMNS = 16;

  /** Of the pictures of a trajectory. */
  private static final int ROWS = 8;

  private static final int TIMES = 11;

  static Preview of(Settings settings) {
    return new Preview(
        settings.model().image(),
        settings.train().seed(),
        settings.train().preview().count(),
        settings.train().preview().steps());
  }

  /**
   * Checks that the pictures can be made.
   *
   * @throws flowmatching.base.failure.ConfigurationFailure if they would be too large
   */
  void check() {
    shape.values(count);
    ImageGrid.checkSize(shape, count, COLUMNS);
    ImageGrid.checkSize(shape, ROWS * TIMES, TIMES);
  }

  /** The PNG file of a grid of images. */
  byte[] png(Network network) {
    ImageBatch images = sampling().images(new NetworkVelocity(network), 0, count);
    return Png.encode(ImageGrid.of(Image.ofNetwork(images), COLUMNS));
  }

  /** The PNG file of a few images' way from noise, on the left, to what they are in the end. */
  byte[] trajectory(Network network) {
    int rows = Math.min(ROWS, count);
    List<ImageBatch> path = sampling().path(new NetworkVelocity(network), 0, rows);
    List<List<Image>> shown = EvenlySpaced.of(path, TIMES).stream().map(Image::ofNetwork).toList();
    return Png.encode(
        ImageGrid.of(
            IntStream.range(0, rows)
                .boxed()
                .flatMap(row -> shown.stream().map(images -> images.get(row)))
                .toList(),
            shown.size()));
  }

  private Sampling sampling() {
    return new Sampling(shape, seed, new Euler(TimeGrid.uniform(steps)));
  }
}
