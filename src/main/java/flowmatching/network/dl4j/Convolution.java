package flowmatching.network.dl4j;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A two-dimensional convolution with bias: {@code [N, in, H, W]} to {@code [N, out, H', W']}, H' =
 * (H + 2 padding - kernel) / stride + 1. An optional second input {@code [N, out, H', W']} is added
 * to the result; its gradient is the result's.
 */
record Convolution(int in, int out, int kernel, int stride, int padding) implements LayerSettings {

  /** The arguments of ND4J's operations for a 1x1 kernel. */
  static int[] pointwiseArguments() {
    return arguments(1, 1, 0);
  }

  /** A 3x3 convolution that keeps height and width. */
  static Convolution of3x3(int in, int out) {
    return new Convolution(in, out, 3, 1, 1);
  }

  /** A 1x1 convolution. */
  static Convolution pointwise(int in, int out) {
    return new Convolution(in, out, 1, 1, 0);
  }

  @Override
  public List<Parameter> parameters() {
    long fanIn = (long) in * kernel * kernel;
    return List.of(
        Parameter.fanIn("weight", fanIn, out, in, kernel, kernel),
        Parameter.fanIn("bias", fanIn, out));
  }

  @Override
  public LayerFunction function(Kernels kernels) {
    return isPointwise() ? kernels.pointwiseConvolution(this) : operations();
  }

  /** The function with ND4J's operations. */
  LayerFunction operations() {
    return new Function();
  }

  private boolean isPointwise() {
    return kernel == 1 && stride == 1 && padding == 0;
  }

  private int outputSize(long size) {
    return (int) ((size + 2L * padding - kernel) / stride) + 1;
  }

  private final class Function implements LayerFunction {
    @Override
    public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
      INDArray x = inputs[0]; // [N, in, H, W]
      // [N, out, H', W']
      INDArray y = memory.activation(x.size(0), out, outputSize(x.size(2)), outputSize(x.size(3)));
      Ops.run(
          "conv2d",
          new INDArray[] {x, parameters.get("weight"), parameters.get("bias")},
          new INDArray[] {y},
          arguments(kernel, stride, padding));
      if (inputs.length > 1) {
        Ops.add(y, inputs[1], y); // [N, out, H', W']
      }
      return y;
    }

    @Override
    public INDArray[] backward(
        INDArray[] inputs,
        INDArray gradient, // [N, out, H', W']
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory) {
      INDArray x = inputs[0]; // [N, in, H, W]
      INDArray xGradient = memory.gradient(x.shape()); // [N, in, H, W]
      Ops.run(
          "conv2d_bp",
          new INDArray[] {x, parameters.get("weight"), parameters.get("bias"), gradient},
          new INDArray[] {xGradient, gradients.get("weight"), gradients.get("bias")},
          arguments(kernel, stride, padding));
      return new INDArray[] {xGradient};
    }
  }

  /** Kernel, stride, padding, dilation, explicit padding, NCHW, weights [out, in, kH, kW]. */
  private static int[] arguments(int kernel, int stride, int padding) {
    return new int[] {kernel, kernel, stride, stride, padding, padding, 1, 1, 0, 0, 1};
  }
}
