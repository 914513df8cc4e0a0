package flowmatching.network.dl4j;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Multi-head self-attention between the pixels of an image, added to a second input: {@code [N, C,
 * H, W]} twice to the same shape (Vaswani et al. 2017, section 3.2.2). Projections to queries, keys
 * and values for {@link DotProductAttention}, and back, are 1x1 convolutions, so that everything
 * stays channel by channel and nothing is transposed in memory.
 */
record SelfAttention(int channels, int heads) implements LayerSettings {

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.xavier("in-proj-weight", channels, 3L * channels, 3L * channels, channels),
        Parameter.constant("in-proj-bias", 0, 3L * channels),
        Parameter.fanIn("out-proj.weight", channels, channels, channels),
        Parameter.constant("out-proj.bias", 0, channels));
  }

  @Override
  public LayerFunction function(Kernels kernels) {
    return new Function(kernels);
  }

  /** What scores are multiplied with: 1 / sqrt(d). */
  double scale() {
    return 1 / Math.sqrt((double) channels / heads);
  }

  private final class Function implements LayerFunction {
    private final LayerFunction inProjection;
    private final LayerFunction outProjection;
    private final DotProductAttention attention;
    private INDArray projected;
    private INDArray mixed;

    Function(Kernels kernels) {
      inProjection = Convolution.pointwise(channels, 3 * channels).function(kernels);
      outProjection = Convolution.pointwise(channels, channels).function(kernels);
      attention = kernels.attention(SelfAttention.this);
    }

    @Override
    public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
      projected =
          inProjection.forward(new INDArray[] {inputs[0]}, inProjectionOf(parameters), memory);
      mixed = attention.forward(projected, memory);
      return outProjection.forward(
          new INDArray[] {mixed, inputs[1]}, outProjectionOf(parameters), memory);
    }

    @Override
    public INDArray[] backward(
        INDArray[] inputs,
        INDArray gradient,
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory) {
      INDArray mixedGradient =
          outProjection
              .backward(
                  new INDArray[] {mixed},
                  gradient,
                  outProjectionOf(parameters),
                  outProjectionOf(gradients),
                  memory.within())[0];
      INDArray projectedGradient = attention.backward(projected, mixedGradient, memory);
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
      return convolutionOf(tensors.get("in-proj-weight"), tensors.get("in-proj-bias"));
    }

    private Map<String, INDArray> outProjectionOf(Map<String, INDArray> tensors) {
      return convolutionOf(tensors.get("out-proj.weight"), tensors.get("out-proj.bias"));
    }

    private Map<String, INDArray> convolutionOf(INDArray weight, INDArray bias) {
      return Map.of(
          "weight", weight.reshape('c', weight.size(0), weight.size(1), 1, 1), "bias", bias);
    }
  }
}
