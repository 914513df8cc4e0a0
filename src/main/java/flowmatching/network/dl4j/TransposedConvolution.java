package flowmatching.network.dl4j;

import java.util.List;

/**
 * A transposed convolution with kernel 4, stride 2 and padding 1 that doubles height and width:
 * {@code [N, C, H, W]} to {@code [N, C, 2H, 2W]}.
 */
record TransposedConvolution(int channels) implements LayerSettings {
  private static final int KERNEL = 4;

  @Override
  public List<Parameter> parameters() {
    // PyTorch's fan in is that of the weight's second dimension, here the output channels.
    long fanIn = (long) channels * KERNEL * KERNEL;
    return List.of(
        Parameter.fanIn("weight", fanIn, channels, channels, KERNEL, KERNEL),
        Parameter.fanIn("bias", fanIn, channels));
  }

  @Override
  public LayerFunction function() {
    return new ConvolutionOperations("deconv2d", KERNEL, 2, 1, channels, size -> 2 * size);
  }
}
