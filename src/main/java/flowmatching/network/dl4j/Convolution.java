package flowmatching.network.dl4j;

import java.util.List;

/**
 * A two-dimensional convolution with bias: {@code [N, in, H, W]} to {@code [N, out, H', W']}, H' =
 * (H + 2 padding - kernel) / stride + 1. An optional second input {@code [N, out, H', W']} is added
 * to the result; its gradient is the result's.
 */
record Convolution(int in, int out, int kernel, int stride, int padding) implements LayerSettings {

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
  public ConvolutionOperations function() {
    return new ConvolutionOperations(
        "conv2d", kernel, stride, padding, out, h -> (h + 2L * padding - kernel) / stride + 1);
  }
}
