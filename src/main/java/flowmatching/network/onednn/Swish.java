package flowmatching.network.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/** SiLU, z sigmoid(z), of arrays of one layout. */
record Swish(engine processor, memory.desc layout) {
  private eltwise_forward.primitive_desc description() {
    return new eltwise_forward.primitive_desc(
        processor, prop_kind.forward_training, algorithm.eltwise_swish, layout, layout, 1f, 0f);
  }

  /** From z and the result's gradient to the gradient of z. */
  eltwise_backward backward() {
    return new eltwise_backward(
        new eltwise_backward.primitive_desc(
            processor, algorithm.eltwise_swish, layout, layout, layout, 1f, 0f, description()));
  }

  static Tensor forward(Plan plan, Tensor z) {
    Tensor y = plan.tensor(z.layout());
    plan.add(
        new eltwise_forward(new Swish(plan.engine(), z.layout()).description()),
        new Arguments().with(DNNL_ARG_SRC, z).with(DNNL_ARG_DST, y));
    return y;
  }

  static Tensor backward(Plan plan, Tensor z, Tensor gradient) {
    Tensor result = plan.tensor(z.layout());
    plan.add(
        new Swish(plan.engine(), z.layout()).backward(),
        new Arguments()
            .with(DNNL_ARG_SRC, z)
            .with(DNNL_ARG_DIFF_DST, gradient)
            .with(DNNL_ARG_DIFF_SRC, result));
    return result;
  }
}
