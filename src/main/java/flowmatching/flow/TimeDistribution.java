package flowmatching.flow;

import java.io.Serializable;

/** How the times are distributed at which a network is trained. */
public interface TimeDistribution extends Serializable {
  /**
   * The distribution's quantile function.
   *
   * @param uniform in [0, 1)
   * @return a time in [0, 1]
   */
  float time(float uniform);
}
