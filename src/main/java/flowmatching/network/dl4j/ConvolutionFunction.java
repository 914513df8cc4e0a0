package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution's function, which can also add its result without the bias, W x, to an array. */
interface ConvolutionFunction extends LayerFunction {
  /** y += W x. */
  void addTo(INDArray y, INDArray x, INDArray weight, Memory memory);

  /**
   * The gradients of {@link #addTo}. With g = dL/dy: dL/dW is overwritten, and dL/dx += W'g.
   *
   * @param gradient g
   */
  void addBackward(
      INDArray gradient, Tensors tensors, Memory memory, INDArray x, INDArray xGradient);
}
