package flowmatching.network.dl4j;

import java.util.List;

/**
 * Group normalisation (Wu and He 2018, arXiv:1803.08494): {@code [N, C, H, W]} to the same shape.
 * Each image's channels form groups of neighbours; y = w (x - mean) / sqrt(variance + 1e-5) + b,
 * with mean and variance per group, and weight w and bias b per channel. An optional second input
 * {@code [N, C]} is added to each pixel of the first before.
 *
 * <p>With g = dL/dy, s = 1 / sqrt(variance + 1e-5), n = s (x - mean) and means over the group:
 * dL/dx = s (w g - mean(w g) - n mean(w g n)).
 *
 * @param silu whether the result is SiLU(y)
 */
record GroupNorm(int channels, int groups, boolean silu) implements LayerSettings {
  static final double EPSILON = 1e-5;

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.constant("weight", 1, channels), Parameter.constant("bias", 0, channels));
  }

  @Override
  public LayerFunction function() {
    return new GroupNormOperations(this);
  }
}
