package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Convolution} with a 1x1 kernel: y = W x + b for each image, by a matrix product that is
 * added to the bias. L = H W pixels.
 */
final class PointwiseConvolutionKernel implements LayerFunction {
  private final int out;

  PointwiseConvolutionKernel(Convolution settings) {
    this.out = settings.out();
  }

  @Override
  public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
    // [N, out, H, W]
    INDArray y = memory.activation(inputs[0].size(0), out, inputs[0].size(2), inputs[0].size(3));
    HostImages x = HostImages.of(inputs[0]); // N times [in, L]
    HostImages addend = inputs.length > 1 ? HostImages.of(inputs[1]) : null; // N times [out, L]
    HostImages results = HostImages.of(y); // N times [out, L]
    Gemm.Matrix weight = PointwiseProductKernel.matrix(parameters.get("weight")); // [out, in]
    float[] bias = HostArray.copy(parameters.get("bias")); // [out]
    float[] values = new float[x.pixels()];
    for (int image = 0; image < x.images(); image++) {
      initialise(results.values(image), bias, addend == null ? null : addend.values(image), values);
      PointwiseProductKernel.addTo(results, x, weight, image);
    }
    return y;
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
      INDArray[] inputs,
      INDArray gradient, // [N, out, H, W]
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory) {
    INDArray xGradient = memory.gradient(inputs[0].shape()); // [N, in, H, W]
    PointwiseProductKernel.inputGradient(gradient, parameters.get("weight"), xGradient);
    PointwiseProductKernel.weightGradient(inputs[0], gradient, gradients.get("weight"));
    biasGradient(HostImages.of(gradient), HostArray.of(gradients.get("bias")).part(0, out));
    return new INDArray[] {xGradient};
  }

  /** dL/db = the sum of dL/dy over images and pixels: {@code [out]}. */
  private static void biasGradient(HostImages gradient, FloatBuffer sums) {
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
    for (int channel = 0; channel < ofChannels.length; channel++) {
      sums.put(channel, Loops.fold(ofChannels[channel], values, pixels));
    }
  }
}
