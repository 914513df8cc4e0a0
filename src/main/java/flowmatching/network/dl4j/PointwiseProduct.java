package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A 1x1 convolution without bias that accumulates: W x for each image, from {@code [N, in, H, W]}
 * to {@code [N, out, H, W]}, with W {@code [out, in, 1, 1]}.
 */
interface PointwiseProduct {
  /** y += W x. */
  void addTo(INDArray y, INDArray x, INDArray weight, Memory memory);

  /**
   * With g = dL/dy: dL/dW = the sum of g x' over images, and dL/dx += W'g.
   *
   * @param gradient g, {@code [N, out, H, W]}
   * @param weightGradient dL/dW, overwritten
   * @param xGradient dL/dx, {@code [N, in, H, W]}
   */
  void backward(
      INDArray x,
      INDArray weight,
      INDArray gradient,
      INDArray weightGradient,
      INDArray xGradient,
      Memory memory);
}
