package flowmatching.network.dl4j;

import java.util.List;

/**
 * Group normalisation, and where asked the SiLU of it: {@code [N, C, H, W]} to the same shape. Each
 * image's channels are cut into groups; y = weight (x - mean) / sqrt(variance + 1e-5) + bias with
 * the mean and variance of the group, weight and bias of the channel (Wu and He 2018,
 * arXiv:1803.08494). A second input {@code [N, C]} is added to the first before that, the same for
 * all pixels.
 *
 * <p>With g = dL/dy, n the normalised x, s the inverse deviation and means over the group: dL/dx =
 * s (w g - mean(w g) - n mean(w g n)).
 */
record GroupNorm(int channels, int groups, boolean silu) implements LayerSettings {
  static final double EPSILON = 1e-5;

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.constant("weight", 1, channels), Parameter.constant("bias", 0, channels));
  }

  @Override
  public LayerFunction function(Kernels kernels) {
    return kernels.groupNorm(this);
  }
}
