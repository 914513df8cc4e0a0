package flowmatching.network.dl4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The article's residual block: x {@code [N, in, H, W]} and a projection of the time {@code [N,
 * out]} to {@code [N, out, H, W]}. Twice norm, SiLU and 3x3 convolution, with the time added
 * between, plus a 1x1 convolution of x. Parameters have the names of the reference's PyTorch
 * modules.
 */
record ResidualBlock(int in, int out, int groups) implements LayerSettings {
  static final String FIRST_NORM = "first.0.";
  static final String FIRST_CONVOLUTION = "first.2.";
  static final String SECOND_NORM = "second.0.";
  static final String SECOND_CONVOLUTION = "second.2.";
  static final String SKIP = "skip.";

  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    layers()
        .forEach(
            (name, layer) -> layer.parameters().forEach(part -> parameters.add(part.within(name))));
    return parameters;
  }

  private Map<String, LayerSettings> layers() {
    Map<String, LayerSettings> layers = new LinkedHashMap<>();
    layers.put(FIRST_NORM, firstNorm());
    layers.put(FIRST_CONVOLUTION, firstConvolution());
    layers.put(SECOND_NORM, secondNorm());
    layers.put(SECOND_CONVOLUTION, secondConvolution());
    layers.put(SKIP, skip());
    return layers;
  }

  GroupNorm firstNorm() {
    return new GroupNorm(in, groups, true);
  }

  Convolution firstConvolution() {
    return Convolution.of3x3(in, out);
  }

  GroupNorm secondNorm() {
    return new GroupNorm(out, groups, true);
  }

  Convolution secondConvolution() {
    return Convolution.of3x3(out, out);
  }

  Convolution skip() {
    return Convolution.pointwise(in, out);
  }

  @Override
  public LayerFunction function(Kernels kernels) {
    return new ResidualBlockFunction(this, kernels);
  }
}
