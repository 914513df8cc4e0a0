package flowmatching.network.dl4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The article's residual block: x {@code [N, in, H, W]} and a projection of the time {@code [N,
 * out]} to {@code [N, out, H, W]}. Twice norm, SiLU and 3x3 convolution, with the time added
 * between, plus a 1x1 convolution of x. Parameters have the names of the reference's PyTorch
 * modules.
 */
record ResidualBlock(int in, int out, int groups) implements LayerSettings {
  private static final String FIRST_NORM = "first.0.";
  private static final String FIRST_CONVOLUTION = "first.2.";
  private static final String SECOND_NORM = "second.0.";
  private static final String SECOND_CONVOLUTION = "second.2.";
  private static final String SKIP = "skip.";

  /** By the prefix of the parameters' names. */
  private Map<String, LayerSettings> layers() {
    Map<String, LayerSettings> layers = new LinkedHashMap<>();
    layers.put(FIRST_NORM, new GroupNorm(in, groups, true));
    layers.put(FIRST_CONVOLUTION, Convolution.of3x3(in, out));
    layers.put(SECOND_NORM, new GroupNorm(out, groups, true));
    layers.put(SECOND_CONVOLUTION, Convolution.of3x3(out, out));
    layers.put(SKIP, skip());
    return layers;
  }

  private Convolution skip() {
    return Convolution.pointwise(in, out);
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    layers()
        .forEach(
            (name, layer) -> layer.parameters().forEach(part -> parameters.add(part.within(name))));
    return parameters;
  }

  @Override
  public LayerFunction function() {
    return new Function();
  }

  /**
   * Layer by layer. The second convolution adds its own bias and that of the skip convolution,
   * which then only accumulates its product.
   */
  private final class Function implements LayerFunction {
    private final LayerFunction firstNorm;
    private final LayerFunction firstConvolution;
    private final LayerFunction secondNorm;
    private final LayerFunction secondConvolution;
    private final ConvolutionOperations skip;
    private INDArray firstNormed; // [N, in, H, W]
    private INDArray middle; // [N, out, H, W]
    private INDArray secondNormed; // [N, out, H, W]

    Function() {
      Map<String, LayerSettings> layers = layers();
      firstNorm = layers.get(FIRST_NORM).function();
      firstConvolution = layers.get(FIRST_CONVOLUTION).function();
      secondNorm = layers.get(SECOND_NORM).function();
      secondConvolution = layers.get(SECOND_CONVOLUTION).function();
      skip = skip().function();
    }

    @Override
    public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
      INDArray x = inputs[0]; // [N, in, H, W]
      INDArray time = inputs[1]; // [N, out]
      firstNormed = firstNorm.forward(tensors.of(FIRST_NORM), memory, x); // [N, in, H, W]
      // [N, out, H, W]
      middle = firstConvolution.forward(tensors.of(FIRST_CONVOLUTION), memory, firstNormed);
      // [N, out, H, W]
      secondNormed = secondNorm.forward(tensors.of(SECOND_NORM), memory, middle, time);

      Tensors second = tensors.of(SECOND_CONVOLUTION);
      Tensors skipped = tensors.of(SKIP);
      INDArray biases = memory.scratch(second.bias().shape()); // [out]
      Ops.add(second.bias(), skipped.bias(), biases);
      Tensors both = new Tensors(Map.of("weight", second.weight(), "bias", biases), Map.of());
      INDArray y = secondConvolution.forward(both, memory, secondNormed); // [N, out, H, W]
      skip.addTo(y, x, skipped.weight(), memory); // [out, in] by [in, H W] per image
      return y;
    }

    @Override
    public INDArray[] backward(
        INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
      INDArray x = inputs[0]; // [N, in, H, W]
      INDArray time = inputs[1]; // [N, out]
      Memory inner = memory.within();
      Tensors second = tensors.of(SECOND_CONVOLUTION);
      Tensors skipped = tensors.of(SKIP);
      // [N, out, H, W]
      INDArray secondGradient =
          secondConvolution.backward(gradient, second, inner, secondNormed)[0];
      // The sum of both biases is added, so their gradients are equal: [out].
      skipped.biasGradient().assign(second.biasGradient());
      // [N, out, H, W] and [N, out]
      INDArray[] middleAndTime =
          secondNorm.backward(secondGradient, tensors.of(SECOND_NORM), inner, middle, time);
      Tensors first = tensors.of(FIRST_CONVOLUTION);
      // [N, in, H, W]
      INDArray firstGradient =
          firstConvolution.backward(middleAndTime[0], first, inner, firstNormed)[0];
      // [N, in, H, W]
      INDArray xGradient = firstNorm.backward(firstGradient, tensors.of(FIRST_NORM), memory, x)[0];
      skip.addBackward(gradient, skipped, inner, x, xGradient);
      return new INDArray[] {xGradient, memory.copy(middleAndTime[1])};
    }
  }
}
