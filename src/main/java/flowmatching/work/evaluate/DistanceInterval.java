package flowmatching.work.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** How much a distance varies with the images that it is of, by a bootstrap. */
final class DistanceInterval {
  /** Fewer blocks tell nothing about how much distances vary. */
  private static final int LEAST_BLOCKS = 30;

  private static final double TAIL = 0.025;

  private DistanceInterval() {}

  /** Whether so many images are enough for an interval. */
  static boolean isTold(long images) {
    return Bootstrap.block(images) >= LEAST_BLOCKS;
  }

  /**
   * The interval that has 95 % of the replicates' distances, moved so that their mean is the
   * distance of the images themselves: a set that is drawn with replacement has fewer different
   * images, which makes all of its distances larger.
   *
   * @return its ends; nothing without replicates
   */
  static List<Double> of(ImageStatistics images, FrechetDistance real) {
    double[] distances =
        IntStream.range(0, images.replicates())
            .parallel()
            .mapToDouble(replicate -> real.of(images.gaussian(replicate)))
            .sorted()
            .toArray();
    if (distances.length == 0) {
      return List.of();
    }
    double shift = real.of(images.gaussian()) - Arrays.stream(distances).average().orElseThrow();
    int tail = (int) (TAIL * distances.length);
    return List.of(distances[tail] + shift, distances[distances.length - 1 - tail] + shift);
  }
}
