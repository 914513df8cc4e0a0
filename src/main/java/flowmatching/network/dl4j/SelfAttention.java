package flowmatching.network.dl4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Multi-head self-attention between the pixels of an image, added to a second input: two {@code [N,
 * C, H, W]} to the same shape (Vaswani et al. 2017, arXiv:1706.03762, section 3.2). The projections
 * before and after the scaled dot-product attention are 1x1 convolutions, so that nothing is
 * transposed in memory.
 *
 * <p>The attention, a function without parameters: for each image and head, with queries Q, keys K
 * and values V {@code [d, L]}, d = C / heads and L = H W: P = softmax(Q'K / sqrt(d)) over keys,
 * {@code [L, L]}; result V P', {@code [d, L]}. It maps the projections of all heads, {@code [N, 3
 * C, H, W]}, to {@code [N, C, H, W]}.
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
  public LayerFunction function() {
    return new Function();
  }

  /** The factor of the scores: 1 / sqrt(d) with d = C / heads. */
  double scale() {
    return 1 / Math.sqrt((double) channels / heads);
  }

  private final class Function implements LayerFunction {
    private final LayerFunction inProjection;
    private final LayerFunction outProjection;
    private final LayerFunction attention;
    private INDArray projected; // [N, 3 C, H, W]: queries, keys and values
    private INDArray mixed; // [N, C, H, W]

    Function() {
      inProjection = Convolution.pointwise(channels, 3 * channels).function();
      outProjection = Convolution.pointwise(channels, channels).function();
      attention = new DotProductAttentionOperations(SelfAttention.this);
    }

    @Override
    public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
      projected = inProjection.forward(convolution(tensors, "in_proj_"), memory, inputs[0]);
      mixed = attention.forward(tensors, memory, projected); // [N, C, H, W]
      // [N, C, H, W]
      return outProjection.forward(convolution(tensors, "out_proj."), memory, mixed, inputs[1]);
    }

    @Override
    public INDArray[] backward(
        INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
      Memory inner = memory.within();
      Tensors out = convolution(tensors, "out_proj.");
      // [N, C, H, W]
      INDArray mixedGradient = outProjection.backward(gradient, out, inner, mixed)[0];
      // [N, 3 C, H, W]
      INDArray projectedGradient = attention.backward(mixedGradient, tensors, inner, projected)[0];
      Tensors in = convolution(tensors, "in_proj_");
      // [N, C, H, W]
      INDArray xGradient = inProjection.backward(projectedGradient, in, memory, inputs[0])[0];
      return new INDArray[] {xGradient, memory.copy(gradient)};
    }

    /**
     * The tensors of a projection, with its weight {@code [out, in]} as {@code [out, in, 1, 1]}.
     */
    private static Tensors convolution(Tensors tensors, String prefix) {
      return tensors.of(
          prefix, t -> t.rank() == 2 ? t.reshape('c', t.size(0), t.size(1), 1, 1) : t);
    }
  }
}
