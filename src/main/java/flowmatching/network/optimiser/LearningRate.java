package flowmatching.network.optimiser;

import java.io.Serializable;

/** The learning rate of each step. */
@FunctionalInterface
public interface LearningRate extends Serializable {
  /** The rate of a step, counted from 0. */
  double at(int step);

  /** The same at every step. */
  static LearningRate constant(double rate) {
    return step -> rate;
  }

  /**
   * Down along half a cosine, from {@code initial} at the first step to 0 after the last
   * (Loshchilov and Hutter 2016, arXiv:1608.03983, without restarts).
   */
  static LearningRate cosine(double initial, int steps) {
    return step -> initial * (1 + Math.cos(Math.PI * Math.min(1, (double) step / steps))) / 2;
  }
}
