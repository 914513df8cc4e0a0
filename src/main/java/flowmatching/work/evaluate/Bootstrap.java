package flowmatching.work.evaluate;

import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import java.io.Serializable;

/**
 * Which images the replicates of a bootstrap draw, and how often: a Poisson number of mean one for
 * each block of images (Chamandy et al. 2012, "Estimating uncertainty for massive data streams").
 * It depends on the block and the replicate alone, so that parts of a set can be drawn from
 * wherever they are.
 *
 * @param replicates how many sets are drawn
 * @param seed of the draws
 */
record Bootstrap(int replicates, long seed) implements Serializable {
  /** Images of a block: those of ids that are equal when divided by this. */
  private static final int BLOCK_IMAGES = 20;

  /** Beyond it no uniform of 24 bits leads. */
  private static final int MOST = 12;

  static long block(long id) {
    return id / BLOCK_IMAGES;
  }

  /** How often a replicate draws a block. */
  int times(int replicate, long block) {
    double uniform = new RandomStream(seed, Purpose.BOOTSTRAP, replicate, block).uniform();
    int times = 0;
    double probability = Math.exp(-1);
    for (double sum = probability; sum <= uniform && times < MOST; sum += probability) {
      times++;
      probability /= times;
    }
    return times;
  }
}
