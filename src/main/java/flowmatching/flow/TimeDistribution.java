package flowmatching.flow;

import java.io.Serializable;

/** The distribution of the training times t, by its quantile function. Stateless. */
public interface TimeDistribution extends Serializable {
  /** The uniform distribution on [0, 1). */
  TimeDistribution UNIFORM = uniform -> uniform;

  /** The time t in [0, 1] that is not exceeded with probability {@code uniform}, in [0, 1). */
  float time(float uniform);
}
