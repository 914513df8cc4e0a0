package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link GroupNorm} in one pass over memory, a group of an image at a time so that it stays in the
 * processor's cache. The forward pass keeps only the mean and deviation of each group; the backward
 * pass computes the rest again. Shapes: G groups, D = C / G channels per group, L = H W pixels.
 */
final class GroupNormKernel implements LayerFunction {
  private final int channels;
  private final int groups;

  /** Channels per group D. */
  private final int width;

  private final boolean silu;

  /** {@code [N, G]}. */
  private float[] means;

  /** 1 / sqrt(variance + epsilon), {@code [N, G]}. */
  private float[] inverseDeviations;

  GroupNormKernel(GroupNorm settings) {
    this.channels = settings.channels();
    this.groups = settings.groups();
    this.width = channels / groups;
    this.silu = settings.silu();
  }

  @Override
  public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray result = memory.activation(inputs[0].shape()); // [N, C, H, W]
    HostImages x = HostImages.of(inputs[0]);
    HostImages y = HostImages.of(result);
    float[] offsets = offsets(inputs);
    float[] weight = HostArray.copy(tensors.weight());
    float[] bias = HostArray.copy(tensors.bias());
    int pixels = x.pixels();
    means = new float[x.images() * groups];
    inverseDeviations = new float[x.images() * groups];
    float[][] values = new float[width][pixels]; // [D, L]
    float[] sums = new float[pixels]; // [L]
    float[] scratch = new float[pixels];
    for (int image = 0; image < x.images(); image++) {
      FloatBuffer in = x.values(image); // [C, L]
      FloatBuffer out = y.values(image); // [C, L]
      for (int group = 0; group < groups; group++) {
        int first = group * width;
        Arrays.fill(sums, 0);
        for (int i = 0; i < width; i++) {
          in.get((first + i) * pixels, values[i]);
          if (offsets.length > 0) {
            Loops.affine(1, values[i], offsets[image * channels + first + i], pixels);
          }
          Loops.add(sums, values[i], pixels);
        }
        float mean = Loops.fold(sums, scratch, pixels) / (width * pixels);
        Arrays.fill(sums, 0);
        for (int i = 0; i < width; i++) {
          Loops.addSquares(sums, values[i], mean, pixels);
        }
        float variance = Loops.fold(sums, scratch, pixels) / (width * pixels);
        float inverse = (float) (1 / Math.sqrt(variance + GroupNorm.EPSILON));
        for (int i = 0; i < width; i++) {
          float a = inverse * weight[first + i];
          float b = bias[first + i] - mean * a;
          if (silu) {
            Loops.silu(a, values[i], b, pixels);
          } else {
            Loops.affine(a, values[i], b, pixels);
          }
          out.put((first + i) * pixels, values[i]);
        }
        means[image * groups + group] = mean;
        inverseDeviations[image * groups + group] = inverse;
      }
    }
    return result;
  }

  /** The offsets of each image's channels, {@code [N, C]}, or none. */
  private static float[] offsets(INDArray[] inputs) {
    return inputs.length > 1 ? HostArray.copy(inputs[1]) : new float[0];
  }

  @Override
  public INDArray[] backward(
      INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray result = memory.gradient(inputs[0].shape()); // [N, C, H, W]
    HostImages x = HostImages.of(inputs[0]);
    HostImages yGradient = HostImages.of(gradient);
    HostImages xGradient = HostImages.of(result);
    float[] offsets = offsets(inputs);
    float[] weight = HostArray.copy(tensors.weight());
    float[] bias = HostArray.copy(tensors.bias());
    int pixels = x.pixels();
    float[] weightGradients = new float[channels]; // [C]
    float[] biasGradients = new float[channels]; // [C]
    float[] offsetGradients = new float[offsets.length]; // [N, C]
    float[][] normal = new float[width][pixels]; // [D, L]
    float[][] g = new float[width][pixels]; // [D, L]
    float[] sums = new float[pixels]; // [L]
    float[] scratch = new float[pixels];
    for (int image = 0; image < x.images(); image++) {
      FloatBuffer in = x.values(image); // [C, L]
      FloatBuffer outGradient = yGradient.values(image); // [C, L]
      FloatBuffer inGradient = xGradient.values(image); // [C, L]
      for (int group = 0; group < groups; group++) {
        int first = group * width;
        float inverse = inverseDeviations[image * groups + group];
        float mean = means[image * groups + group];
        float sum = 0;
        float productSum = 0;
        for (int i = 0; i < width; i++) {
          int channel = first + i;
          in.get(channel * pixels, normal[i]);
          outGradient.get(channel * pixels, g[i]);
          float offset = offsets.length > 0 ? offsets[image * channels + channel] : 0;
          Loops.affine(inverse, normal[i], (offset - mean) * inverse, pixels);
          if (silu) {
            Loops.siluGradient(g[i], weight[channel], normal[i], bias[channel], pixels);
          }
          System.arraycopy(g[i], 0, sums, 0, pixels);
          float biasGradient = Loops.fold(sums, scratch, pixels);
          Loops.products(sums, g[i], normal[i], pixels);
          float weightGradient = Loops.fold(sums, scratch, pixels);
          sum += weight[channel] * biasGradient;
          productSum += weight[channel] * weightGradient;
          biasGradients[channel] += biasGradient;
          weightGradients[channel] += weightGradient;
        }
        int length = width * pixels;
        for (int i = 0; i < width; i++) {
          Loops.combine(
              inverse * weight[first + i],
              g[i],
              -inverse * productSum / length,
              normal[i],
              -inverse * sum / length,
              pixels);
          inGradient.put((first + i) * pixels, g[i]);
          if (offsets.length > 0) {
            offsetGradients[image * channels + first + i] = Loops.fold(g[i], scratch, pixels);
          }
        }
      }
    }
    HostArray.of(tensors.weightGradient()).put(weightGradients);
    HostArray.of(tensors.biasGradient()).put(biasGradients);
    if (inputs.length == 1) {
      return new INDArray[] {result};
    }
    INDArray offsetGradient = memory.gradient(inputs[1].shape()); // [N, C]
    HostArray.of(offsetGradient).put(offsetGradients);
    return new INDArray[] {result, offsetGradient};
  }
}
