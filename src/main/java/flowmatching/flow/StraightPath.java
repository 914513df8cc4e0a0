package flowmatching.flow;

/**
 * The straight path x_t = t x + (1 - t) z with the constant velocity x - z (Lipman et al. 2022,
 * arXiv:2210.02747, section 4.1, with sigma_min = 0; Liu et al. 2022, arXiv:2209.03003).
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
