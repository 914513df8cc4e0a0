package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A 1x1 convolution without bias, W x for each image, that is added to what is there: from {@code
 * [N, in, H, W]} to {@code [N, out, H, W]}.
 */
interface PointwiseProduct {
  /** y += W x. */
  void addTo(INDArray y, INDArray x, INDArray weight, Memory memory);

  /**
   * With g = dL/dy: dL/dW = the sum of g x' over images, and W'g is added to dL/dx.
   *
   * @param weightGradient overwritten
   */
  void backward(
      INDArray x,
      INDArray weight,
      INDArray gradient,
      INDArray weightGradient,
      INDArray xGradient,
      Memory memory);
}
