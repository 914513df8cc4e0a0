package flowmatching.flow;

import java.io.Serializable;

/**
 * The weight w(t) of an image's loss at time t, a factor of its {@link SquaredError}.
 * Implementations are stateless.
 */
public interface LossWeighting extends Serializable {
  /**
   * The weight at a time.
   *
   * @param time t in [0, 1]
   * @return w(t), at least 0
   */
  float weight(float time);
}
