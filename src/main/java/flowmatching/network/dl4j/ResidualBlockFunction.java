package flowmatching.network.dl4j;

import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link ResidualBlock}, layer after layer. The second convolution begins with the biases of both
 * that end in the sum, and the one past it adds its product.
 */
final class ResidualBlockFunction implements LayerFunction {
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final Part firstNorm;
  private final Part firstConvolution;
  private final Part secondNorm;
  private final LayerFunction secondConvolution;
  private final PointwiseProduct skip;
  private INDArray firstNormed;
  private INDArray middle;
  private INDArray secondNormed;

  ResidualBlockFunction(ResidualBlock block, Kernels kernels) {
    firstNorm = new Part(ResidualBlock.FIRST_NORM, block.firstNorm().function(kernels));
    firstConvolution =
        new Part(ResidualBlock.FIRST_CONVOLUTION, block.firstConvolution().function(kernels));
    secondNorm = new Part(ResidualBlock.SECOND_NORM, block.secondNorm().function(kernels));
    secondConvolution = block.secondConvolution().function(kernels);
    skip = kernels.pointwiseProduct();
  }

  /** A layer of the block, whose parameters have its name before theirs. */
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
    INDArray x = inputs[0];
    INDArray time = inputs[1];
    firstNormed = firstNorm.forward(parameters, memory, x);
    middle = firstConvolution.forward(parameters, memory, firstNormed);
    secondNormed = secondNorm.forward(parameters, memory, middle, time);

    Map<String, INDArray> own = of(ResidualBlock.SECOND_CONVOLUTION, parameters);
    Map<String, INDArray> past = of(ResidualBlock.SKIP, parameters);
    INDArray biases = memory.scratch(own.get(BIAS).shape());
    Ops.add(own.get(BIAS), past.get(BIAS), biases);
    INDArray y =
        secondConvolution.forward(
            new INDArray[] {secondNormed}, Map.of(WEIGHT, own.get(WEIGHT), BIAS, biases), memory);
    skip.addTo(y, x, past.get(WEIGHT), memory);
    return y;
  }

  @Override
  public INDArray[] backward(
      INDArray[] inputs,
      INDArray gradient,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory) {
    INDArray x = inputs[0];
    INDArray time = inputs[1];
    Memory inner = memory.within();
    Map<String, INDArray> ownGradients = of(ResidualBlock.SECOND_CONVOLUTION, gradients);
    Map<String, INDArray> pastGradients = of(ResidualBlock.SKIP, gradients);
    INDArray secondGradient =
        secondConvolution
            .backward(
                new INDArray[] {secondNormed},
                gradient,
                of(ResidualBlock.SECOND_CONVOLUTION, parameters),
                ownGradients,
                inner)[0];
    // Both biases are added to the same.
    pastGradients.get(BIAS).assign(ownGradients.get(BIAS));
    INDArray[] middleAndTime =
        secondNorm.backward(secondGradient, parameters, gradients, inner, middle, time);
    INDArray firstGradient =
        firstConvolution.backward(middleAndTime[0], parameters, gradients, inner, firstNormed)[0];
    INDArray xGradient = firstNorm.backward(firstGradient, parameters, gradients, memory, x)[0];
    INDArray skipWeight = of(ResidualBlock.SKIP, parameters).get(WEIGHT);
    skip.backward(x, skipWeight, gradient, pastGradients.get(WEIGHT), xGradient, inner);
    return new INDArray[] {xGradient, memory.copy(middleAndTime[1])};
  }
}
