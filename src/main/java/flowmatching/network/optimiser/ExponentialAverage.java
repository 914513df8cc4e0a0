package flowmatching.network.optimiser;

import java.io.Serializable;

/**
 * The exponential moving average of the parameters, whose images are better than those of the last
 * parameters (Song et al. 2021, arXiv:2011.13456, appendix H).
 *
 * @param decay in [0, 1); 0 for no averages
 */
public record ExponentialAverage(double decay) implements Serializable {
  /** Keeps no averages. */
  public static final ExponentialAverage NONE = new ExponentialAverage(0);

  /** Whether averages are kept. */
  public boolean isKept() {
    return decay > 0;
  }

  /**
   * The decay of a step, from 0: min(decay, (1 + step) / (10 + step)), so that the first steps,
   * whose parameters are far from any good ones, are soon forgotten.
   */
  double at(int step) {
    return Math.min(decay, (1.0 + step) / (10.0 + step));
  }

  /** Makes the average after a step. */
  void add(int step, float[] parameters, float[] average) {
    float kept = (float) at(step);
    for (int i = 0; i < average.length; i++) {
      average[i] = kept * average[i] + (1 - kept) * parameters[i];
    }
  }
}
