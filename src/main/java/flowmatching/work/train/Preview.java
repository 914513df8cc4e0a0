package flowmatching.work.train;

import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RungeKutta;
import flowmatching.flow.Sampling;
import flowmatching.means.image.Image;
import flowmatching.means.image.ImageGrid;
import flowmatching.means.image.Png;
import flowmatching.means.run.EvenlySpaced;
import flowmatching.network.Network;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures of samples from the same noise each time: ids from 0 on, with the run's seed, by Euler
 * steps.
 */
record Preview(ImageShape shape, long seed, TrainSettings.Preview samples) {
  private static final int COLUMNS = 16;
  private static final int TRAJECTORY_ROWS = 8;
  private static final int TRAJECTORY_TIMES = 11;

  static Preview of(Settings settings) {
    return new Preview(
        settings.model().image(), settings.train().seed(), settings.train().preview());
  }

  /** Checks that the pictures are not too large. */
  void check() {
    shape.values(samples.count());
    ImageGrid.checkSize(shape, samples.count(), COLUMNS);
    ImageGrid.checkSize(shape, TRAJECTORY_ROWS * TRAJECTORY_TIMES, TRAJECTORY_TIMES);
  }

  /** A PNG file with a grid of samples. */
  byte[] png(Network network) {
    ImageBatch images = sampling().images(network.field(), 0, samples.count());
    return Png.encode(ImageGrid.of(Image.ofNetwork(images), COLUMNS));
  }

  /** A PNG file with a row per sample, from noise on the left to the sample on the right. */
  byte[] trajectory(Network network) {
    int rows = Math.min(TRAJECTORY_ROWS, samples.count());
    List<ImageBatch> path = sampling().trajectory(network.field(), 0, rows);
    List<List<Image>> shown =
        EvenlySpaced.of(path, TRAJECTORY_TIMES).stream().map(Image::ofNetwork).toList();
    return Png.encode(
        ImageGrid.of(
            IntStream.range(0, rows)
                .boxed()
                .flatMap(row -> shown.stream().map(images -> images.get(row)))
                .toList(),
            shown.size()));
  }

  private Sampling sampling() {
    return new Sampling(shape, seed, RungeKutta.EULER.on(RungeKutta.equalSteps(samples.steps())));
  }
}
