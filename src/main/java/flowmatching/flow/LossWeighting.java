package flowmatching.flow;

import java.io.Serializable;

/**
 * The weight w(t) of an image's loss at time t, a factor of its {@link SquaredError}.
 * Implementations are stateless.
 */
public interface LossWeighting extends Serializable {
  /** The weight 1 at every time. */
  LossWeighting EQUAL = time -> 1;

  /** The weight w(t), at least 0, at a time t in [0, 1]. */
  float weight(float time);
}
