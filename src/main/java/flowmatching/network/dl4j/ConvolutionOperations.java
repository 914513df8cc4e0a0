package flowmatching.network.dl4j;

import java.util.function.LongUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Convolution} and {@link TransposedConvolution} with ND4J's operations, for any backend.
 *
 * @param operation its gradient's name has {@code _bp} added
 * @param out channels of the output
 * @param outputSize height or width of the output from that of the input
 */
record ConvolutionOperations(
    String operation, int kernel, int stride, int padding, int out, LongUnaryOperator outputSize)
    implements LayerFunction {

  @Override
  public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray x = inputs[0]; // [N, in, H, W]
    long height = outputSize.applyAsLong(x.size(2));
    long width = outputSize.applyAsLong(x.size(3));
    INDArray y = memory.activation(x.size(0), out, height, width); // [N, out, H', W']
    Ops.run(
        operation,
        new INDArray[] {x, tensors.weight(), tensors.bias()},
        new INDArray[] {y},
        arguments());
    if (inputs.length > 1) {
      Ops.add(y, inputs[1], y); // [N, out, H', W']
    }
    return y;
  }

  @Override
  public INDArray[] backward(
      INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray xGradient = memory.gradient(inputs[0].shape()); // [N, in, H, W]
    Ops.run(
        operation + "_bp",
        new INDArray[] {inputs[0], tensors.weight(), tensors.bias(), gradient},
        new INDArray[] {xGradient, tensors.weightGradient(), tensors.biasGradient()},
        arguments());
    return new INDArray[] {xGradient};
  }

  /** y += W x, without the bias. */
  void addTo(INDArray y, INDArray x, INDArray weight, Memory memory) {
    INDArray product = memory.scratch(y.shape()); // [N, out, H', W']
    Ops.run(operation, new INDArray[] {x, weight}, new INDArray[] {product}, arguments());
    Ops.add(y, product, y);
  }

  /**
   * The gradients of {@link #addTo}. With g = dL/dy: dL/dW is overwritten, and dL/dx += W'g.
   *
   * @param gradient g
   */
  void addBackward(
      INDArray gradient, Tensors tensors, Memory memory, INDArray x, INDArray xGradient) {
    INDArray own = memory.scratch(x.shape()); // [N, in, H, W]
    Ops.run(
        operation + "_bp",
        new INDArray[] {x, tensors.weight(), gradient},
        new INDArray[] {own, tensors.weightGradient()},
        arguments());
    Ops.add(xGradient, own, xGradient);
  }

  /**
   * Kernel, stride, padding, dilation, explicit padding, NCHW, and weights {@code [out, in, kH,
   * kW]}, or {@code [in, out, kH, kW]} if transposed.
   */
  private int[] arguments() {
    return new int[] {kernel, kernel, stride, stride, padding, padding, 1, 1, 0, 0, 1};
  }
}
