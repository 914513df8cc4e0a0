package flowmatching.flow;

import java.io.Serializable;

/** How an image comes from noise: a curve x_t from noise z at t = 0 to an image x at t = 1. */
public interface Path extends Serializable {
  /** A pixel of x_t. */
  float point(float time, float image, float noise);

  /** A pixel of the velocity dx_t/dt, which the network learns. */
  float velocity(float time, float image, float noise);
}
