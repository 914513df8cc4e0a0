package flowmatching.flow;

import java.io.Serializable;

/**
 * A path x_t from noise z at t = 0 to an image x at t = 1 (Lipman et al. 2022, arXiv:2210.02747,
 * section 4). It is defined per pixel. Implementations are stateless.
 */
public interface Path extends Serializable {
  /**
   * A pixel of x_t.
   *
   * @param time t in [0, 1]
   * @param image the pixel of x, in [-1, 1]
   * @param noise the pixel of z, a standard normal
   */
  float point(float time, float image, float noise);

  /**
   * A pixel of the velocity dx_t/dt, the network's target.
   *
   * @param time t in [0, 1]
   * @param image the pixel of x, in [-1, 1]
   * @param noise the pixel of z, a standard normal
   */
  float velocity(float time, float image, float noise);
}
