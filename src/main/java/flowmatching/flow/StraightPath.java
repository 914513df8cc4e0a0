package flowmatching.flow;

/**
 * The straight path x_t = t x + (1 - t) z, whose velocity is x - z at every time (Lipman et al.
 * 2022, section 4.1, with sigma_min = 0; Liu et al. 2022, "Flow Straight and Fast",
 * arXiv:2209.03003).
 */
public record StraightPath() implements Path {
  @Override
  public float point(float time, float image, float noise) {
    return time * image + (1 - time) * noise;
  }

  @Override
  public float velocity(float time, float image, float noise) {
    return image - noise;
  }
}
