package flowmatching.network.optimiser;

import java.io.Serializable;

/** A learning rate schedule. */
@FunctionalInterface
public interface LearningRate extends Serializable {
  /** The learning rate of a step, counted from 0. */
  double at(int step);

  static LearningRate constant(double rate) {
    return step -> rate;
  }

  /**
   * Cosine annealing from {@code initial} at step 0 to 0 at step {@code steps} and after
   * (Loshchilov and Hutter 2016, arXiv:1608.03983, without restarts).
   */
  static LearningRate cosine(double initial, int steps) {
    return step -> initial * (1 + Math.cos(Math.PI * Math.min(1, (double) step / steps))) / 2;
  }
}
