package flowmatching.network.onednn;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.primitive_attr;

/** A convolution: H' = (H + 2 padding - kernel) / stride + 1. */
final class PlainConvolution extends ConvolutionLayer {
  // Winograd's algorithm would be slower at these sizes.
  private static final algorithm DIRECT = algorithm.convolution_direct;

  private final engine processor;
  private convolution_forward.primitive_desc forward;

  PlainConvolution(
      Plan plan, Weights weights, data_type type, String name, long[] x, Layer.Convolution layer) {
    super(
        plan,
        weights,
        type,
        name,
        Layouts.of(
            data_type.f32, format_tag.oihw, layer.out(), x[1], layer.kernel(), layer.kernel()),
        x,
        new long[] {x[0], layer.out(), size(x[2], layer), size(x[3], layer)},
        layer.stride(),
        layer.padding());
    this.processor = plan.engine();
  }

  private static long size(long size, Layer.Convolution layer) {
    return (size + 2L * layer.padding() - layer.kernel()) / layer.stride() + 1;
  }

  @Override
  Pass forward(memory.desc y, primitive_attr attributes) {
    forward =
        new convolution_forward.primitive_desc(
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
        new convolution_forward(forward),
        forward.src_desc(),
        forward.weights_desc(),
        forward.dst_desc());
  }

  @Override
  Pass backwardData() {
    var backward =
        new convolution_backward_data.primitive_desc(
            processor, DIRECT, anyX, anyWeight, anyY, stride, padding, padding, forward);
    return new Pass(
        new convolution_backward_data(backward),
        backward.diff_src_desc(),
        backward.weights_desc(),
        backward.diff_dst_desc());
  }

  @Override
  Pass backwardWeights() {
    var backward =
        new convolution_backward_weights.primitive_desc(
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
        new convolution_backward_weights(backward),
        backward.src_desc(),
        backward.diff_weights_desc(),
        backward.diff_dst_desc());
  }
}
