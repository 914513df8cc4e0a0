package flowmatching.flow;

/**
 * The straight path from noise z at t = 0 to an image x at t = 1: x_t = t x + (1 - t) z, whose
 * velocity dx_t/dt = x - z is what the network learns (Lipman et al. 2022, section 4.1, with
 * sigma_min = 0; Liu et al. 2022, "Flow Straight and Fast", arXiv:2209.03003).
 */
public final class LinearPath {
  private LinearPath() {}

  /** A pixel of x_t. */
  public static float at(float time, float image, float noise) {
    return time * image + (1 - time) * noise;
  }

  /** A pixel of the velocity, the same at every time. */
  public static float velocity(float image, float noise) {
    return image - noise;
  }
}
