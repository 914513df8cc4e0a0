package flowmatching.unet;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.nd4j.shade.jackson.annotation.JsonTypeName;

/**
 * A two-dimensional convolution with bias: {@code [N, in, H, W]} to {@code [N, out, H', W']}, H' =
 * (H + 2 padding - kernel) / stride + 1. A second input is added to the result: {@code [N, out, H',
 * W']} or, the same for all pixels, {@code [N, out]}.
 */
@JsonTypeName("convolution")
record Convolution(
    @JsonProperty("in") int in,
    @JsonProperty("out") int out,
    @JsonProperty("kernel") int kernel,
    @JsonProperty("stride") int stride,
    @JsonProperty("padding") int padding)
    implements LayerSettings {

  @JsonCreator
  Convolution {}

  @Override
  public List<Parameter> parameters() {
    long fanIn = (long) in * kernel * kernel;
    return List.of(
        Parameter.fanIn("weight", fanIn, out, in, kernel, kernel),
        Parameter.fanIn("bias", fanIn, out));
  }

  @Override
  public LayerFunction function() {
    return new Function();
  }

  private int outputSize(long size) {
    return (int) ((size + 2L * padding - kernel) / stride) + 1;
  }

  private final class Function implements LayerFunction {
    @Override
    public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
      INDArray x = inputs[0];
      INDArray y = memory.activation(x.size(0), out, outputSize(x.size(2)), outputSize(x.size(3)));
      Ops.run(
          "conv2d",
          new INDArray[] {x, parameters.get("weight"), parameters.get("bias")},
          new INDArray[] {y},
          arguments());
      if (inputs.length > 1) {
        addTo(y, inputs[1]);
      }
      return y;
    }

    private void addTo(INDArray y, INDArray addend) {
      if (addend.rank() == 2) {
        long rows = addend.length();
        INDArray flat = y.reshape('c', rows, y.length() / rows);
        Ops.add(flat, addend.reshape('c', rows, 1), flat);
      } else {
        Ops.add(y, addend, y);
      }
    }

    @Override
    public INDArray[] backward(
        INDArray[] inputs,
        INDArray gradient,
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory) {
      INDArray x = inputs[0];
      INDArray xGradient = memory.gradient(x.shape());
      Ops.run(
          "conv2d_bp",
          new INDArray[] {x, parameters.get("weight"), parameters.get("bias"), gradient},
          new INDArray[] {xGradient, gradients.get("weight"), gradients.get("bias")},
          arguments());
      return inputs.length > 1
          ? new INDArray[] {xGradient, addendGradient(inputs[1], gradient, memory)}
          : new INDArray[] {xGradient};
    }

    private INDArray addendGradient(INDArray addend, INDArray gradient, Memory memory) {
      INDArray addendGradient = memory.gradient(addend.shape());
      if (addend.rank() == 2) {
        long rows = addend.length();
        Ops.rowSums(
            gradient.reshape('c', rows, gradient.length() / rows),
            addendGradient.reshape('c', rows, 1));
      } else {
        addendGradient.assign(gradient);
      }
      return addendGradient;
    }

    /** Kernel, stride, padding, dilation, explicit padding, NCHW, weights [out, in, kH, kW]. */
    private int[] arguments() {
      return new int[] {kernel, kernel, stride, stride, padding, padding, 1, 1, 0, 0, 1};
    }
  }
}
