package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link PointwiseProduct} by an accumulating matrix product per image. L = H W pixels. */
final class PointwiseProductKernel implements PointwiseProduct {

  @Override
  public void addTo(INDArray y, INDArray x, INDArray weight, Memory memory) {
    HostImages results = HostImages.of(y);
    HostImages values = HostImages.of(x);
    Gemm.Matrix w = matrix(weight);
    for (int image = 0; image < values.images(); image++) {
      addTo(results, values, w, image);
    }
  }

  /** y += W x for one image: {@code [out, in]} by {@code [in, L]}. */
  static void addTo(HostImages y, HostImages x, Gemm.Matrix weight, int image) {
    Gemm.add(
        weight,
        x.matrix(image),
        y.matrix(image),
        new Gemm.Sizes(y.channels(), x.pixels(), x.channels()));
  }

  @Override
  public void backward(
      INDArray x,
      INDArray weight,
      INDArray gradient,
      INDArray weightGradient,
      INDArray xGradient,
      Memory memory) {
    weightGradient(x, gradient, weightGradient);
    inputGradient(gradient, weight, xGradient, Gemm::add);
  }

  /** dL/dx = W'g. */
  static void inputGradient(INDArray gradient, INDArray weight, INDArray xGradient) {
    inputGradient(gradient, weight, xGradient, Gemm::multiply);
  }

  /** Per image {@code [in, out]} by {@code [out, L]}. */
  private static void inputGradient(
      INDArray gradient, INDArray weight, INDArray xGradient, Gemm.Product product) {
    HostImages g = HostImages.of(gradient);
    HostImages results = HostImages.of(xGradient);
    Gemm.Matrix w = matrix(weight).transposed();
    Gemm.Sizes sizes = new Gemm.Sizes(results.channels(), g.pixels(), g.channels());
    for (int image = 0; image < g.images(); image++) {
      product.make(w, g.matrix(image), results.matrix(image), sizes);
    }
  }

  /** dL/dW = the sum of g x' over images: {@code [out, L]} by {@code [L, in]}. */
  static void weightGradient(INDArray x, INDArray gradient, INDArray weightGradient) {
    HostImages values = HostImages.of(x);
    HostImages g = HostImages.of(gradient);
    HostArray sums = HostArray.of(weightGradient);
    int in = values.channels();
    int out = g.channels();
    sums.part(0, out * in).put(new float[out * in]);
    Gemm.Matrix sum = new Gemm.Matrix(sums.at(0), in);
    Gemm.Sizes sizes = new Gemm.Sizes(out, in, values.pixels());
    for (int image = 0; image < values.images(); image++) {
      Gemm.add(g.matrix(image), values.matrix(image).transposed(), sum, sizes);
    }
  }

  /** A weight {@code [out, in, 1, 1]} as a matrix {@code [out, in]}. */
  static Gemm.Matrix matrix(INDArray weight) {
    return new Gemm.Matrix(HostArray.of(weight).at(0), Math.toIntExact(weight.size(1)));
  }
}
