package flowmatching.work.evaluate;

import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A Poisson bootstrap: each replicate draws each block of images a Poisson number of times, with
 * mean one (Chamandy et al. 2012, "Estimating uncertainty for massive data streams"). The number
 * depends only on the block and the replicate, so each task can draw from its part of a set.
 */
record Bootstrap(int replicates, long seed) implements Serializable {
  private static final int BLOCK_IMAGES = 20;

  /** A uniform number of 24 bits cannot lead beyond it. */
  private static final int MAX_TIMES = 12;

  /** With fewer blocks the replicates do not show how much distances vary. */
  private static final int MIN_BLOCKS = 30;

  private static final double TAIL = 0.025;

  static long block(long id) {
    return id / BLOCK_IMAGES;
  }

  /** How many times a replicate draws a block. */
  int times(int replicate, long block) {
    double uniform = new RandomStream(seed, Purpose.BOOTSTRAP, replicate, block).uniform();
    int times = 0;
    double probability = Math.exp(-1);
    for (double sum = probability; sum <= uniform && times < MAX_TIMES; sum += probability) {
      times++;
      probability /= times;
    }
    return times;
  }

  /** Whether so many images have an interval. */
  static boolean hasEnough(long images) {
    return block(images) >= MIN_BLOCKS;
  }

  /**
   * The ends of the interval that has 95 % of the replicates' distances, shifted so that their mean
   * is the distance of the images themselves: a set drawn with replacement has fewer different
   * images, which makes its distances larger. Empty without replicates or with too few images.
   */
  static List<Double> interval(ImageStatistics images, FrechetDistance real) {
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
