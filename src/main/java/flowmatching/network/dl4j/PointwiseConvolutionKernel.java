package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Convolution} with a 1x1 kernel: y = W x + b for each image, by a matrix product that is
 * added to the bias. L = H W pixels.
 */
final class PointwiseConvolutionKernel implements ConvolutionFunction {

  @Override
  public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
    HostImages x = HostImages.of(inputs[0]); // N times [in, L]
    Gemm.Matrix weight = matrix(tensors.weight()); // [out, in]
    float[] bias = HostArray.copy(tensors.bias()); // [out]
    // [N, out, H, W]
    INDArray y = memory.activation(x.images(), weight.rows(), inputs[0].size(2), inputs[0].size(3));
    HostImages addend = inputs.length > 1 ? HostImages.of(inputs[1]) : null; // N times [out, L]
    HostImages results = HostImages.of(y); // N times [out, L]
    float[] values = new float[x.pixels()];
    for (int image = 0; image < x.images(); image++) {
      initialise(results.values(image), bias, addend == null ? null : addend.values(image), values);
      Gemm.add(weight, x.matrix(image), results.matrix(image)); // [out, in] by [in, L]
    }
    return y;
  }

  /** A weight {@code [out, in, 1, 1]} as a matrix {@code [out, in]}. */
  private static Gemm.Matrix matrix(INDArray weight) {
    return new Gemm.Matrix(
        HostArray.of(weight).at(0),
        Math.toIntExact(weight.size(0)),
        Math.toIntExact(weight.size(1)));
  }

  /** Sets an image to the bias plus the addend, {@code [out, L]}. */
  private static void initialise(
      FloatBuffer image, float[] bias, FloatBuffer addend, float[] values) {
    int pixels = values.length;
    for (int channel = 0; channel < bias.length; channel++) {
      if (addend == null) {
        Arrays.fill(values, bias[channel]);
      } else {
        addend.get(channel * pixels, values);
        Loops.affine(1, values, bias[channel], pixels);
      }
      image.put(channel * pixels, values);
    }
  }

  @Override
  public INDArray[] backward(
      INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray xGradient = memory.gradient(inputs[0].shape()); // [N, in, H, W]
    backward(gradient, tensors, inputs[0], xGradient, 0);
    HostArray.of(tensors.biasGradient()).put(biasGradient(HostImages.of(gradient)));
    return new INDArray[] {xGradient};
  }

  /** dL/db = the sum of dL/dy over images and pixels: {@code [out]}. */
  private static float[] biasGradient(HostImages gradient) {
    int pixels = gradient.pixels();
    float[][] ofChannels = new float[gradient.channels()][pixels]; // [out, L]
    float[] values = new float[pixels];
    for (int image = 0; image < gradient.images(); image++) {
      FloatBuffer ofImage = gradient.values(image);
      for (int channel = 0; channel < ofChannels.length; channel++) {
        ofImage.get(channel * pixels, values);
        Loops.add(ofChannels[channel], values, pixels);
      }
    }
    float[] sums = new float[ofChannels.length];
    for (int channel = 0; channel < sums.length; channel++) {
      sums[channel] = Loops.fold(ofChannels[channel], values, pixels);
    }
    return sums;
  }

  @Override
  public void addTo(INDArray y, INDArray x, INDArray weight, Memory memory) {
    HostImages results = HostImages.of(y);
    HostImages values = HostImages.of(x);
    Gemm.Matrix w = matrix(weight);
    for (int image = 0; image < values.images(); image++) {
      Gemm.add(w, values.matrix(image), results.matrix(image)); // [out, in] by [in, L]
    }
  }

  @Override
  public void addBackward(
      INDArray gradient, Tensors tensors, Memory memory, INDArray x, INDArray xGradient) {
    backward(gradient, tensors, x, xGradient, 1);
  }

  /** With g = dL/dy: dL/dx = factor dL/dx + W'g, and dL/dW = the sum of g x' over images. */
  private static void backward(
      INDArray gradient, Tensors tensors, INDArray x, INDArray xGradient, float factor) {
    HostImages g = HostImages.of(gradient);
    HostImages results = HostImages.of(xGradient);
    Gemm.Matrix w = matrix(tensors.weight()).transposed();
    for (int image = 0; image < g.images(); image++) {
      // [in, out] by [out, L]
      Gemm.multiply(w, g.matrix(image), results.matrix(image), 1, factor);
    }
    HostImages values = HostImages.of(x);
    HostArray.of(tensors.weightGradient()).put(new float[g.channels() * values.channels()]);
    Gemm.Matrix sum = matrix(tensors.weightGradient());
    for (int image = 0; image < g.images(); image++) {
      Gemm.add(g.matrix(image), values.matrix(image).transposed(), sum); // [out, L] by [L, in]
    }
  }
}
