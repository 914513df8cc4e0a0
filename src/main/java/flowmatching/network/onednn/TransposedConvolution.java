package flowmatching.network.onednn;

import org.bytedeco.dnnl.deconvolution_backward_data;
import org.bytedeco.dnnl.deconvolution_backward_weights;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.primitive_attr;

/**
 * A transposed convolution with kernel 4, stride 2 and padding 1, which doubles height and width.
 */
final class TransposedConvolution extends ConvolutionLayer {
  private static final algorithm DIRECT = algorithm.deconvolution_direct;

  private static final int KERNEL = 4;

  private final engine processor;
  private deconvolution_forward.primitive_desc forward;

  TransposedConvolution(
      Plan plan, Weights weights, data_type type, String name, long[] x, int out) {
    super(
        plan,
        weights,
        type,
        name,
        // PyTorch's weight is [in, out, kernel, kernel].
        Layouts.strided(
            data_type.f32,
            new long[] {out, x[1], KERNEL, KERNEL},
            KERNEL * KERNEL,
            (long) out * KERNEL * KERNEL,
            KERNEL,
            1),
        x,
        new long[] {x[0], out, 2 * x[2], 2 * x[3]},
        2,
        1);
    this.processor = plan.engine();
  }

  @Override
  Pass forward(memory.desc y, primitive_attr attributes) {
    forward =
        new deconvolution_forward.primitive_desc(
            processor,
            prop_kind.forward_training,
            DIRECT,
            anyX,
            anyWeight,
            bias,
            y,
            stride,
            padding,
            padding,
            attributes,
            false);
    return new Pass(
        new deconvolution_forward(forward),
        forward.src_desc(),
        forward.weights_desc(),
        forward.dst_desc());
  }

  @Override
  Pass backwardData() {
    var backward =
        new deconvolution_backward_data.primitive_desc(
            processor, DIRECT, anyX, anyWeight, anyY, stride, padding, padding, forward);
    return new Pass(
        new deconvolution_backward_data(backward),
        backward.diff_src_desc(),
        backward.weights_desc(),
        backward.diff_dst_desc());
  }

  @Override
  Pass backwardWeights() {
    var backward =
        new deconvolution_backward_weights.primitive_desc(
            processor,
            DIRECT,
            anyX,
            anyWeightGradient,
            bias,
            anyY,
            stride,
            padding,
            padding,
            forward);
    return new Pass(
        new deconvolution_backward_weights(backward),
        backward.src_desc(),
        backward.diff_weights_desc(),
        backward.diff_dst_desc());
  }
}
