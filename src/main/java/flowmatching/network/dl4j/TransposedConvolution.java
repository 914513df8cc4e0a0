package flowmatching.network.dl4j;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A transposed convolution with kernel 4, stride 2 and padding 1 that doubles height and width:
 * {@code [N, C, H, W]} to {@code [N, C, 2H, 2W]}.
 */
record TransposedConvolution(int channels) implements LayerSettings {
  private static final int KERNEL = 4;

  /** Kernel, stride, padding, dilation, explicit padding, NCHW, weights [in, out, kH, kW]. */
  private static final int[] ARGUMENTS = {KERNEL, KERNEL, 2, 2, 1, 1, 1, 1, 0, 0, 1};

  @Override
  public List<Parameter> parameters() {
    // PyTorch's fan in is that of the weight's second dimension, here the output channels.
    long fanIn = (long) channels * KERNEL * KERNEL;
    return List.of(
        Parameter.fanIn("weight", fanIn, channels, channels, KERNEL, KERNEL),
        Parameter.fanIn("bias", fanIn, channels));
  }

  @Override
  public LayerFunction function(Kernels kernels) {
    return new Function();
  }

  private final class Function implements LayerFunction {
    @Override
    public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
      INDArray x = inputs[0]; // [N, C, H, W]
      // [N, C, 2H, 2W]
      INDArray y = memory.activation(x.size(0), channels, 2 * x.size(2), 2 * x.size(3));
      Ops.run(
          "deconv2d",
          new INDArray[] {x, parameters.get("weight"), parameters.get("bias")},
          new INDArray[] {y},
          ARGUMENTS);
      return y;
    }

    @Override
    public INDArray[] backward(
        INDArray[] inputs,
        INDArray gradient, // [N, C, 2H, 2W]
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory) {
      INDArray xGradient = memory.gradient(inputs[0].shape()); // [N, C, H, W]
      Ops.run(
          "deconv2d_bp",
          new INDArray[] {inputs[0], parameters.get("weight"), parameters.get("bias"), gradient},
          new INDArray[] {xGradient, gradients.get("weight"), gradients.get("bias")},
          ARGUMENTS);
      return new INDArray[] {xGradient};
    }
  }
}
