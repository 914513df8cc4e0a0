package flowmatching.flow;

import java.io.Serializable;

/** How much the loss of an image counts at each time. */
public interface LossWeighting extends Serializable {
  /** The weight of an image at a time. */
  float weight(float time);
}
