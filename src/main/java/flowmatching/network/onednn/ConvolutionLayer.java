package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;

/**
 * A convolution with bias, plain or transposed: {@code [N, in, H, W]} to {@code [N, out, H', W']}.
 * oneDNN chooses the layouts.
 */
abstract class ConvolutionLayer {
  static final String KIND = "convolutions";

  /**
   * A primitive and the layouts that it wants.
   *
   * @param x of the input or its gradient
   * @param weight of the weight or its gradient
   * @param y of the output or its gradient
   */
  record Pass(primitive work, memory.desc x, memory.desc weight, memory.desc y) {}

  private final Plan plan;
  private final Weights weights;
  private final String name;
  private final memory.desc plainWeight;
  private Tensor x;

  final long[] stride;
  final long[] padding;
  final memory.desc bias;
  final memory.desc anyX;
  final memory.desc anyWeight;
  final memory.desc anyWeightGradient;
  final memory.desc anyY;

  /**
   * @param name the prefix of the parameters' names
   * @param plainWeight {@code [out, in, kernel, kernel]} as it is in the parameter vector
   */
  ConvolutionLayer(
      Plan plan,
      Weights weights,
      data_type type,
      String name,
      memory.desc plainWeight,
      long[] shapeOfX,
      long[] shapeOfY,
      int stride,
      int padding) {
    this.plan = plan;
    this.weights = weights;
    this.name = name;
    this.plainWeight = plainWeight;
    this.stride = new long[] {stride, stride};
    this.padding = new long[] {padding, padding};
    long[] shapeOfWeight = Layouts.dimensions(plainWeight);
    this.bias = Layouts.of(data_type.f32, format_tag.x, shapeOfWeight[0]);
    this.anyX = Layouts.of(type, format_tag.any, shapeOfX);
    this.anyWeight = Layouts.of(type, format_tag.any, shapeOfWeight);
    this.anyWeightGradient = Layouts.of(data_type.f32, format_tag.any, shapeOfWeight);
    this.anyY = Layouts.of(type, format_tag.any, shapeOfY);
  }

  abstract Pass forward(memory.desc y, primitive_attr attributes);

  /** The input's gradient from the output's; after {@link #forward}, as the next. */
  abstract Pass backwardData();

  /** The gradients of weight and bias from the output's. */
  abstract Pass backwardWeights();

  final Tensor forward(Tensor input) {
    Pass pass = forward(anyY, new primitive_attr());
    return forward(input, pass, plan.tensor(pass.y()));
  }

  /** Adds the result to a tensor, and returns that. */
  final Tensor addTo(Tensor sum, Tensor input) {
    post_ops adding = new post_ops();
    adding.append_sum();
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(adding);
    return forward(input, forward(sum.layout(), attributes), sum);
  }

  private Tensor forward(Tensor input, Pass pass, Tensor y) {
    plan.begin(KIND);
    x = plan.in(pass.x(), input);
    plan.add(
        pass.work(),
        new Arguments()
            .with(DNNL_ARG_SRC, x)
            .with(DNNL_ARG_WEIGHTS, weights.in(pass.weight(), name + "weight", plainWeight))
            .with(DNNL_ARG_BIAS, weights.values(name + "bias", bias))
            .with(DNNL_ARG_DST, y));
    return y;
  }

  /** Writes the parameters' gradients. */
  final void backwardWeights(Tensor gradient) {
    plan.begin(KIND);
    Pass pass = backwardWeights();
    Tensor weightGradient = plan.tensor(pass.weight());
    plan.add(
        pass.work(),
        new Arguments()
            .with(DNNL_ARG_SRC, plan.in(pass.x(), x))
            .with(DNNL_ARG_DIFF_DST, plan.in(pass.y(), gradient))
            .with(DNNL_ARG_DIFF_WEIGHTS, weightGradient)
            .with(DNNL_ARG_DIFF_BIAS, weights.gradient(name + "bias", bias)));
    plan.copyOut(weightGradient, weights.gradient(name + "weight", plainWeight));
  }

  /** The input's gradient. */
  final Tensor backwardData(Tensor gradient) {
    plan.begin(KIND);
    Pass pass = backwardData();
    Tensor xGradient = plan.tensor(pass.x());
    plan.add(
        pass.work(),
        new Arguments()
            .with(DNNL_ARG_DIFF_DST, plan.in(pass.y(), gradient))
            .with(DNNL_ARG_WEIGHTS, weights.in(pass.weight(), name + "weight", plainWeight))
            .with(DNNL_ARG_DIFF_SRC, xGradient));
    return xGradient;
  }
}
