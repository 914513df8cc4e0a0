package flowmatching.network.optimiser;

import java.io.Serializable;

/**
 * The exponential moving average (EMA) of the parameters. It samples better images than the latest
 * parameters (Song et al. 2021, arXiv:2011.13456, appendix H).
 *
 * @param decay per step, in [0, 1); 0 for no average
 */
public record ExponentialAverage(double decay) implements Serializable {
  public static final ExponentialAverage NONE = new ExponentialAverage(0);

  public boolean isKept() {
    return decay > 0;
  }

  /**
   * The decay of a step, counted from 0: min(decay, (1 + step) / (10 + step)), the warm-up of
   * TensorFlow's ExponentialMovingAverage. It soon forgets the first steps' parameters.
   */
  double at(int step) {
    return Math.min(decay, (1.0 + step) / (10.0 + step));
  }

  /** Updates the average in place: average = d average + (1 - d) parameters, d = at(step). */
  void add(int step, float[] parameters, float[] average) {
    float kept = (float) at(step);
    for (int i = 0; i < average.length; i++) {
      average[i] = kept * average[i] + (1 - kept) * parameters[i];
    }
  }
}
