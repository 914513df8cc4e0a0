package flowmatching.flow;

import java.io.Serializable;

/** The distribution of the training times t, by its quantile function. Stateless. */
public interface TimeDistribution extends Serializable {
  /**
   * The quantile function.
   *
   * @param uniform u in [0, 1)
   * @return the time t in [0, 1] that is not exceeded with probability u
   */
  float time(float uniform);
}
