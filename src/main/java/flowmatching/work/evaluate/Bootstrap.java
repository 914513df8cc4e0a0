package flowmatching.work.evaluate;

import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import java.io.Serializable;

/**
 * A Poisson bootstrap: each replicate draws each block of images a Poisson number of times, with
 * mean one (Chamandy et al. 2012, "Estimating uncertainty for massive data streams"). The number
 * depends only on the block and the replicate, so each task can draw from its part of a set.
 */
record Bootstrap(int replicates, long seed) implements Serializable {
  private static final int BLOCK_IMAGES = 20;

  /** A uniform number of 24 bits cannot lead beyond it. */
  private static final int MAX_TIMES = 12;

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
}
