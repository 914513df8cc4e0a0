package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;

/** A product with a matrix, plus a bias: {@code [rows, in]} to {@code [rows, out]}. */
final class LinearLayer {
  static final String KIND = "products with weights";

  private final Plan plan;
  private final Weights weights;
  private final String weight;
  private final String bias;
  private final int in;
  private final int out;
  private final memory.desc plainX;
  private final memory.desc plainY;
  private final memory.desc plainWeight;
  private final memory.desc anyWeight;
  private final memory.desc biasLayout;
  private inner_product_forward.primitive_desc forward;
  private Tensor x;

  LinearLayer(
      Plan plan,
      Weights weights,
      data_type type,
      String weight,
      String bias,
      long rows,
      int in,
      int out) {
    this.plan = plan;
    this.weights = weights;
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
    this.plainX = Layouts.of(type, format_tag.ab, rows, in);
    this.plainY = Layouts.of(type, format_tag.ab, rows, out);
    this.plainWeight = Layouts.of(data_type.f32, format_tag.ab, out, in);
    this.anyWeight = Layouts.of(type, format_tag.any, out, in);
    this.biasLayout = Layouts.of(data_type.f32, format_tag.x, out);
  }

  Tensor forward(Tensor input) {
    plan.begin(KIND);
    x = input;
    forward =
        new inner_product_forward.primitive_desc(
            plan.engine(), prop_kind.forward_training, plainX, anyWeight, biasLayout, plainY);
    Tensor y = plan.tensor(plainY);
    plan.add(
        new inner_product_forward(forward),
        new Arguments()
            .with(DNNL_ARG_SRC, x, x.view(plainX, 0))
            .with(DNNL_ARG_WEIGHTS, weights.in(forward.weights_desc(), weight, plainWeight))
            .with(DNNL_ARG_BIAS, weights.values(bias, biasLayout))
            .with(DNNL_ARG_DST, y));
    return y;
  }

  void backwardWeights(Tensor gradient) {
    plan.begin(KIND);
    var backward =
        new inner_product_backward_weights.primitive_desc(
            plan.engine(),
            plainX,
            Layouts.of(data_type.f32, format_tag.any, out, in),
            biasLayout,
            plainY,
            forward);
    Tensor blocked = plan.tensor(backward.diff_weights_desc());
    plan.add(
        new inner_product_backward_weights(backward),
        new Arguments()
            .with(DNNL_ARG_SRC, x, x.view(plainX, 0))
            .with(DNNL_ARG_DIFF_DST, gradient, gradient.view(plainY, 0))
            .with(DNNL_ARG_DIFF_WEIGHTS, blocked)
            .with(DNNL_ARG_DIFF_BIAS, weights.gradient(bias, biasLayout)));
    plan.copyOut(blocked, weights.gradient(weight, plainWeight));
  }

  Tensor backwardData(Tensor gradient) {
    plan.begin(KIND);
    var backward =
        new inner_product_backward_data.primitive_desc(
            plan.engine(), plainX, anyWeight, plainY, forward);
    Tensor xGradient = plan.tensor(plainX);
    plan.add(
        new inner_product_backward_data(backward),
        new Arguments()
            .with(DNNL_ARG_DIFF_DST, gradient, gradient.view(plainY, 0))
            .with(DNNL_ARG_WEIGHTS, weights.in(backward.weights_desc(), weight, plainWeight))
            .with(DNNL_ARG_DIFF_SRC, xGradient));
    return xGradient;
  }
}
