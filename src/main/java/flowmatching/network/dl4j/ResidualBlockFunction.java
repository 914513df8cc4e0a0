package flowmatching.network.dl4j;

import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link ResidualBlock}, layer by layer. The second convolution adds its own bias and that of the
 * skip convolution, which then only accumulates its product.
 */
final class ResidualBlockFunction implements LayerFunction {
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final Part firstNorm;
  private final Part firstConvolution;
  private final Part secondNorm;
  private final LayerFunction secondConvolution;
  private final PointwiseProduct skip;
  private INDArray firstNormed; // [N, in, H, W]
  private INDArray middle; // [N, out, H, W]
  private INDArray secondNormed; // [N, out, H, W]

  ResidualBlockFunction(ResidualBlock block, Kernels kernels) {
    firstNorm = new Part(ResidualBlock.FIRST_NORM, block.firstNorm().function(kernels));
    firstConvolution =
        new Part(ResidualBlock.FIRST_CONVOLUTION, block.firstConvolution().function(kernels));
    secondNorm = new Part(ResidualBlock.SECOND_NORM, block.secondNorm().function(kernels));
    secondConvolution = block.secondConvolution().function(kernels);
    skip = kernels.pointwiseProduct();
  }

  /** A layer of the block. Its name is the prefix of its parameters' names. */
  private record Part(String name, LayerFunction function) {
    INDArray forward(Map<String, INDArray> parameters, Memory memory, INDArray... inputs) {
      return function.forward(inputs, of(name, parameters), memory);
    }

    INDArray[] backward(
        INDArray gradient,
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory,
        INDArray... inputs) {
      return function.backward(inputs, gradient, of(name, parameters), of(name, gradients), memory);
    }
  }

  private static Map<String, INDArray> of(String layer, Map<String, INDArray> tensors) {
    Map<String, INDArray> own = new HashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(layer)) {
            own.put(name.substring(layer.length()), tensor);
          }
        });
    return own;
  }

  @Override
  public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
    INDArray x = inputs[0]; // [N, in, H, W]
    INDArray time = inputs[1]; // [N, out]
    firstNormed = firstNorm.forward(parameters, memory, x); // [N, in, H, W]
    middle = firstConvolution.forward(parameters, memory, firstNormed); // [N, out, H, W]
    secondNormed = secondNorm.forward(parameters, memory, middle, time); // [N, out, H, W]

    Map<String, INDArray> second = of(ResidualBlock.SECOND_CONVOLUTION, parameters);
    Map<String, INDArray> skipTensors = of(ResidualBlock.SKIP, parameters);
    INDArray biases = memory.scratch(second.get(BIAS).shape()); // [out]
    Ops.add(second.get(BIAS), skipTensors.get(BIAS), biases);
    // [N, out, H, W]
    INDArray y =
        secondConvolution.forward(
            new INDArray[] {secondNormed},
            Map.of(WEIGHT, second.get(WEIGHT), BIAS, biases),
            memory);
    skip.addTo(y, x, skipTensors.get(WEIGHT), memory); // [out, in] by [in, H W] per image
    return y;
  }

  @Override
  public INDArray[] backward(
      INDArray[] inputs,
      INDArray gradient, // [N, out, H, W]
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory) {
    INDArray x = inputs[0]; // [N, in, H, W]
    INDArray time = inputs[1]; // [N, out]
    Memory inner = memory.within();
    Map<String, INDArray> secondGradients = of(ResidualBlock.SECOND_CONVOLUTION, gradients);
    Map<String, INDArray> skipGradients = of(ResidualBlock.SKIP, gradients);
    // [N, out, H, W]
    INDArray secondGradient =
        secondConvolution
            .backward(
                new INDArray[] {secondNormed},
                gradient,
                of(ResidualBlock.SECOND_CONVOLUTION, parameters),
                secondGradients,
                inner)[0];
    // The sum of both biases is added, so their gradients are equal: [out].
    skipGradients.get(BIAS).assign(secondGradients.get(BIAS));
    // [N, out, H, W] and [N, out]
    INDArray[] middleAndTime =
        secondNorm.backward(secondGradient, parameters, gradients, inner, middle, time);
    // [N, in, H, W]
    INDArray firstGradient =
        firstConvolution.backward(middleAndTime[0], parameters, gradients, inner, firstNormed)[0];
    // [N, in, H, W]
    INDArray xGradient = firstNorm.backward(firstGradient, parameters, gradients, memory, x)[0];
    INDArray skipWeight = of(ResidualBlock.SKIP, parameters).get(WEIGHT);
    skip.backward(x, skipWeight, gradient, skipGradients.get(WEIGHT), xGradient, inner);
    return new INDArray[] {xGradient, memory.copy(middleAndTime[1])};
  }
}
