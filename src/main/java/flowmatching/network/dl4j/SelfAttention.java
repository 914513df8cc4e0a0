package flowmatching.network.dl4j;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Multi-head self-attention between the pixels of an image, added to a second input: two {@code [N,
 * C, H, W]} to the same shape (Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2). The
 * projections before and after {@link DotProductAttention} are 1x1 convolutions, so that nothing is
 * transposed in memory.
 */
record SelfAttention(int channels, int heads) implements LayerSettings {

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.xavier("in_proj_weight", channels, 3L * channels, 3L * channels, channels),
        Parameter.constant("in_proj_bias", 0, 3L * channels),
        Parameter.fanIn("out_proj.weight", channels, channels, channels),
        Parameter.constant("out_proj.bias", 0, channels));
  }

  @Override
  public LayerFunction function(Kernels kernels) {
    return new Function(kernels);
  }

  /** The factor of the scores: 1 / sqrt(d) with d = C / heads. */
  double scale() {
    return 1 / Math.sqrt((double) channels / heads);
  }

  private final class Function implements LayerFunction {
    private final LayerFunction inProjection;
    private final LayerFunction outProjection;
    private final DotProductAttention attention;
    private INDArray projected; // [N, 3 C, H, W]
    private INDArray mixed; // [N, C, H, W]

    Function(Kernels kernels) {
      inProjection = Convolution.pointwise(channels, 3 * channels).function(kernels);
      outProjection = Convolution.pointwise(channels, channels).function(kernels);
      attention = kernels.attention(SelfAttention.this);
    }

    @Override
    public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
      // [N, 3 C, H, W]: queries, keys and values
      projected =
          inProjection.forward(new INDArray[] {inputs[0]}, inProjectionOf(parameters), memory);
      mixed = attention.forward(projected, memory); // [N, C, H, W]
      // [N, C, H, W]
      return outProjection.forward(
          new INDArray[] {mixed, inputs[1]}, outProjectionOf(parameters), memory);
    }

    @Override
    public INDArray[] backward(
        INDArray[] inputs,
        INDArray gradient, // [N, C, H, W]
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory) {
      // [N, C, H, W]
      INDArray mixedGradient =
          outProjection
              .backward(
                  new INDArray[] {mixed},
                  gradient,
                  outProjectionOf(parameters),
                  outProjectionOf(gradients),
                  memory.within())[0];
      // [N, 3 C, H, W]
      INDArray projectedGradient = attention.backward(projected, mixedGradient, memory);
      // [N, C, H, W]
      INDArray xGradient =
          inProjection
              .backward(
                  new INDArray[] {inputs[0]},
                  projectedGradient,
                  inProjectionOf(parameters),
                  inProjectionOf(gradients),
                  memory)[0];
      return new INDArray[] {xGradient, memory.copy(gradient)};
    }

    private Map<String, INDArray> inProjectionOf(Map<String, INDArray> tensors) {
      return convolutionOf(tensors.get("in_proj_weight"), tensors.get("in_proj_bias"));
    }

    private Map<String, INDArray> outProjectionOf(Map<String, INDArray> tensors) {
      return convolutionOf(tensors.get("out_proj.weight"), tensors.get("out_proj.bias"));
    }

    /** A weight {@code [out, in]} as {@code [out, in, 1, 1]}. */
    private Map<String, INDArray> convolutionOf(INDArray weight, INDArray bias) {
      return Map.of(
          "weight", weight.reshape('c', weight.size(0), weight.size(1), 1, 1), "bias", bias);
    }
  }
}
