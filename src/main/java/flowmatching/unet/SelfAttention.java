package flowmatching.unet;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.nd4j.shade.jackson.annotation.JsonTypeName;

/**
 * Multi-head self-attention between the pixels of an image, added to a second input: {@code [N, C,
 * H, W]} twice to the same shape. For each head, with queries, keys and values {@code [d, L]} (d =
 * C / heads, L = H W): P = softmax(Q'K / sqrt(d)) over keys, head = V P' (Vaswani et al. 2017,
 * section 3.2). Projections to queries, keys, values and back are 1x1 convolutions, so that
 * everything stays channel by channel and nothing is transposed in memory.
 */
@JsonTypeName("self-attention")
record SelfAttention(@JsonProperty("channels") int channels, @JsonProperty("heads") int heads)
    implements LayerSettings {

  @JsonCreator
  SelfAttention {}

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.xavier("in-proj-weight", channels, 3L * channels, 3L * channels, channels),
        Parameter.constant("in-proj-bias", 0, 3L * channels),
        Parameter.fanIn("out-proj.weight", channels, channels, channels),
        Parameter.constant("out-proj.bias", 0, channels));
  }

  @Override
  public LayerFunction function() {
    return new Function();
  }

  private final class Function implements LayerFunction {
    private final LayerFunction inProjection =
        new Convolution(channels, 3 * channels, 1, 1, 0).function();
    private final LayerFunction outProjection =
        new Convolution(channels, channels, 1, 1, 0).function();
    private final double scale = 1 / Math.sqrt((double) channels / heads);

    private INDArray projected;
    private INDArray probabilities;
    private INDArray mixed;

    @Override
    public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
      INDArray x = inputs[0];
      long pixels = x.size(2) * x.size(3);
      projected = inProjection.forward(new INDArray[] {x}, inProjectionOf(parameters), memory);
      probabilities = memory.activation(x.size(0), heads, pixels, pixels);
      matmul(part(projected, 0), true, part(projected, 1), false, scale, probabilities);
      INDArray rows = probabilities.reshape('c', x.size(0) * heads * pixels, pixels);
      Ops.run("softmax", new INDArray[] {rows}, new INDArray[] {rows}, 1);
      mixed = memory.activation(x.shape());
      matmul(part(projected, 2), false, probabilities, true, 1, part(mixed));
      return outProjection.forward(
          new INDArray[] {mixed, inputs[1]}, outProjectionOf(parameters), memory);
    }

    /** Through the softmax: dL/dS = P (dL/dP - rowsum(P dL/dP)). */
    @Override
    public INDArray[] backward(
        INDArray[] inputs,
        INDArray gradient,
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients,
        Memory memory) {
      INDArray[] outGradients =
          outProjection.backward(
              new INDArray[] {mixed, inputs[1]},
              gradient,
              outProjectionOf(parameters),
              outProjectionOf(gradients),
              memory);
      INDArray mixedGradient = part(outGradients[0]);
      INDArray projectedGradient = memory.scratch(projected.shape());
      matmul(mixedGradient, false, probabilities, false, 1, part(projectedGradient, 2));

      INDArray scoreGradient = memory.scratch(probabilities.shape());
      matmul(mixedGradient, true, part(projected, 2), false, 1, scoreGradient);
      throughSoftmax(scoreGradient, memory);
      matmul(part(projected, 1), false, scoreGradient, true, scale, part(projectedGradient, 0));
      matmul(part(projected, 0), false, scoreGradient, false, scale, part(projectedGradient, 1));

      INDArray[] inGradients =
          inProjection.backward(
              new INDArray[] {inputs[0]},
              projectedGradient,
              inProjectionOf(parameters),
              inProjectionOf(gradients),
              memory);
      return new INDArray[] {inGradients[0], outGradients[1]};
    }

    private void throughSoftmax(INDArray gradient, Memory memory) {
      long pixels = gradient.size(3);
      INDArray g = gradient.reshape('c', gradient.length() / pixels, pixels);
      INDArray p = probabilities.reshape('c', g.shape());
      INDArray products = memory.scratch(g.shape());
      Ops.multiply(g, p, products);
      INDArray sums = memory.scratch(g.size(0), 1);
      Ops.rowSums(products, sums);
      Ops.subtract(g, sums, g);
      Ops.multiply(g, p, g);
    }

    /** Queries (0), keys (1) or values (2) by head: a view {@code [N, heads, d, L]}. */
    private INDArray part(INDArray queriesKeysValues, int which) {
      return queriesKeysValues
          .reshape('c', queriesKeysValues.size(0), 3, heads, channels / heads, -1)
          .get(all(), point(which), all(), all(), all());
    }

    private INDArray part(INDArray byChannel) {
      return byChannel.reshape('c', byChannel.size(0), heads, channels / heads, -1);
    }

    private Map<String, INDArray> inProjectionOf(Map<String, INDArray> tensors) {
      return convolutionOf(tensors.get("in-proj-weight"), tensors.get("in-proj-bias"));
    }

    private Map<String, INDArray> outProjectionOf(Map<String, INDArray> tensors) {
      return convolutionOf(tensors.get("out-proj.weight"), tensors.get("out-proj.bias"));
    }

    private Map<String, INDArray> convolutionOf(INDArray weight, INDArray bias) {
      return Map.of(
          "weight", weight.reshape('c', weight.size(0), weight.size(1), 1, 1), "bias", bias);
    }

    /** out = factor op(a) op(b) for each image and head, op being the transpose where asked. */
    private void matmul(
        INDArray a,
        boolean transposeA,
        INDArray b,
        boolean transposeB,
        double factor,
        INDArray out) {
      Nd4j.exec(
          DynamicCustomOp.builder("matmul")
              .addInputs(a, b)
              .addOutputs(out)
              .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0)
              .addFloatingPointArguments(factor, 0.0)
              .build());
    }
  }
}
