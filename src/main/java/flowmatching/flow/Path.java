package flowmatching.flow;

import java.io.Serializable;

/**
 * A path x_t from noise z at t = 0 to an image x at t = 1 (Lipman et al. 2022, arXiv:2210.02747,
 * section 4), per pixel: t is in [0, 1], x in [-1, 1], and z a standard normal. Implementations are
 * stateless.
 */
public interface Path extends Serializable {
  /** A pixel of x_t. */
  float point(float time, float image, float noise);

  /** A pixel of the velocity dx_t/dt, the network's target. */
  float velocity(float time, float image, float noise);
}
