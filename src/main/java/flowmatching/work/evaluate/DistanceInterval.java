package flowmatching.work.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The interval of a distance, by a bootstrap over its images. */
final class DistanceInterval {
  /** With fewer blocks the replicates do not show how much distances vary. */
  private static final int MIN_BLOCKS = 30;

  private static final double TAIL = 0.025;

  private DistanceInterval() {}

  static boolean hasEnough(long images) {
    return Bootstrap.block(images) >= MIN_BLOCKS;
  }

  /**
   * The interval that has 95 % of the replicates' distances, shifted so that their mean is the
   * distance of the images themselves: a set drawn with replacement has fewer different images,
   * which makes its distances larger.
   *
   * @return its ends; empty without replicates or with too few images
   */
  static List<Double> of(ImageStatistics images, FrechetDistance real) {
    if (images.replicates() == 0 || !hasEnough(images.images())) {
      return List.of();
    }
    double[] distances =
        IntStream.range(0, images.replicates())
            .parallel()
            .mapToDouble(replicate -> real.of(images.gaussian(replicate)))
            .sorted()
            .toArray();
    double shift = real.of(images.gaussian()) - Arrays.stream(distances).average().orElseThrow();
    int tail = (int) (TAIL * distances.length);
    return List.of(distances[tail] + shift, distances[distances.length - 1 - tail] + shift);
  }
}
