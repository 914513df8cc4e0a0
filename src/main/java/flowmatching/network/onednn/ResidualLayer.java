package flowmatching.network.onednn;

import org.bytedeco.dnnl.memory.data_type;

/**
 * The article's residual block: twice norm, SiLU and 3x3 convolution, with the time added between,
 * plus a 1x1 convolution of x. {@code [N, in, H, W]} and {@code [N, out]} to {@code [N, out, H,
 * W]}.
 */
final class ResidualLayer {
  private final GroupNormLayer firstNorm;
  private final ConvolutionLayer first;
  private final GroupNormLayer secondNorm;
  private final ConvolutionLayer second;
  private final ConvolutionLayer skip;

  ResidualLayer(
      Plan plan,
      Weights weights,
      data_type type,
      String name,
      long[] shape,
      Layer.Residual settings) {
    int groups = settings.groups();
    long[] inner = {shape[0], settings.out(), shape[2], shape[3]};
    var of3x3 = new Layer.Convolution(settings.out(), 3, 1, 1);
    var of1x1 = new Layer.Convolution(settings.out(), 1, 1, 0);
    firstNorm = new GroupNormLayer(plan, weights, name + "first.0.", shape, groups, true);
    first = new PlainConvolution(plan, weights, type, name + "first.2.", shape, of3x3);
    secondNorm = new GroupNormLayer(plan, weights, name + "second.0.", inner, groups, true);
    second = new PlainConvolution(plan, weights, type, name + "second.2.", inner, of3x3);
    skip = new PlainConvolution(plan, weights, type, name + "skip.", shape, of1x1);
  }

  Tensor forward(Tensor x, Tensor time) {
    Tensor middle = first.forward(firstNorm.forward(x, null));
    Tensor normed = secondNorm.forward(middle, time);
    return second.addTo(skip.forward(x), normed);
  }

  /** The gradients of x and of the time. */
  GroupNormLayer.Gradients backward(Tensor gradient) {
    second.backwardWeights(gradient);
    skip.backwardWeights(gradient);
    var ofMiddle = secondNorm.backward(second.backwardData(gradient), null);
    first.backwardWeights(ofMiddle.x());
    Tensor ofNormed = first.backwardData(ofMiddle.x());
    Tensor ofSkip = skip.backwardData(gradient);
    return new GroupNormLayer.Gradients(
        firstNorm.backward(ofNormed, ofSkip).x(), ofMiddle.offsets());
  }
}
