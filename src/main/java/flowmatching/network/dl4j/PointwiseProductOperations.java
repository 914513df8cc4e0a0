package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link PointwiseProduct} with ND4J's convolution, for any backend. */
final class PointwiseProductOperations implements PointwiseProduct {

  @Override
  public void addTo(INDArray y, INDArray x, INDArray weight, Memory memory) {
    INDArray product = memory.scratch(y.shape()); // [N, out, H, W]
    Ops.run(
        "conv2d",
        new INDArray[] {x, weight},
        new INDArray[] {product},
        Convolution.pointwiseArguments());
    Ops.add(y, product, y);
  }

  @Override
  public void backward(
      INDArray x,
      INDArray weight,
      INDArray gradient,
      INDArray weightGradient,
      INDArray xGradient,
      Memory memory) {
    INDArray own = memory.scratch(x.shape()); // [N, in, H, W]
    Ops.run(
        "conv2d_bp",
        new INDArray[] {x, weight, gradient},
        new INDArray[] {own, weightGradient},
        Convolution.pointwiseArguments());
    Ops.add(xGradient, own, xGradient);
  }
}
