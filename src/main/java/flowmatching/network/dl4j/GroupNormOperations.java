package flowmatching.network.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link GroupNorm} by ND4J's operations, on any backend. */
final class GroupNormOperations implements LayerFunction {
  private final int channels;
  private final int groups;
  private final boolean silu;

  private INDArray normal;
  private INDArray inverseDeviation;
  private INDArray sigmoid;
  private INDArray output;

  GroupNormOperations(GroupNorm settings) {
    this.channels = settings.channels();
    this.groups = settings.groups();
    this.silu = settings.silu();
  }

  @Override
  public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
    INDArray x = byGroup(inputs.length > 1 ? sum(inputs, memory) : inputs[0]);
    normal = memory.activation(inputs[0].shape());
    INDArray centred = byGroup(normal);
    Ops.subtract(x, rowMeans(x, memory), centred);
    INDArray squares = memory.scratch(centred.shape());
    Ops.multiply(centred, centred, squares);
    inverseDeviation = memory.activation(x.size(0), 1);
    inverseDeviation.assign(rowMeans(squares, memory).addi(GroupNorm.EPSILON));
    Transforms.sqrt(inverseDeviation, false).rdivi(1);
    Ops.multiply(centred, inverseDeviation, centred);

    INDArray y = memory.activation(inputs[0].shape());
    long images = y.size(0);
    Ops.multiply(
        byChannel(normal), forEachImage(parameters.get("weight"), images, memory), byChannel(y));
    Ops.add(byChannel(y), forEachImage(parameters.get("bias"), images, memory), byChannel(y));
    if (silu) {
      sigmoid = memory.activation(y.shape());
      Ops.sigmoid(y, sigmoid);
      Ops.multiply(y, sigmoid, y);
    }
    output = y;
    return y;
  }

  private INDArray sum(INDArray[] inputs, Memory memory) {
    INDArray sum = memory.scratch(inputs[0].shape());
    Ops.add(byChannel(inputs[0]), inputs[1].reshape('c', inputs[1].length(), 1), byChannel(sum));
    return sum;
  }

  @Override
  public INDArray[] backward(
      INDArray[] inputs,
      INDArray gradient,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory) {
    INDArray g = gradient;
    if (silu) {
      g = memory.scratch(gradient.shape());
      siluDerivative(g);
      Ops.multiply(gradient, g, g);
    }
    long images = g.size(0);
    INDArray products = memory.scratch(g.shape());
    Ops.multiply(g, normal, products);
    INDArray sums = memory.scratch(images * channels, 1);
    INDArray productSums = memory.scratch(images * channels, 1);
    Ops.rowSums(byChannel(g), sums);
    Ops.rowSums(byChannel(products), productSums);
    sums.reshape('c', images, channels).sum(gradients.get("bias"), 0);
    productSums.reshape('c', images, channels).sum(gradients.get("weight"), 0);

    INDArray weight = forEachImage(parameters.get("weight"), images, memory);
    INDArray xGradient = memory.gradient(g.shape());
    Ops.multiply(byChannel(g), weight, byChannel(xGradient));
    INDArray rest = byGroup(products);
    Ops.multiply(byGroup(normal), groupMeans(productSums, weight, rest, memory), rest);
    Ops.add(rest, groupMeans(sums, weight, rest, memory), rest);
    Ops.subtract(byGroup(xGradient), rest, byGroup(xGradient));
    Ops.multiply(byGroup(xGradient), inverseDeviation, byGroup(xGradient));
    if (inputs.length == 1) {
      return new INDArray[] {xGradient};
    }
    INDArray offsetGradient = memory.gradient(inputs[1].shape());
    Ops.rowSums(byChannel(xGradient), offsetGradient.reshape('c', offsetGradient.length(), 1));
    return new INDArray[] {xGradient, offsetGradient};
  }

  /** With a = x s, s = sigmoid(x): da/dx = s + a (1 - s) = s + a - a s. */
  private void siluDerivative(INDArray derivative) {
    Ops.multiply(output, sigmoid, derivative);
    Ops.subtract(output, derivative, derivative);
    Ops.add(derivative, sigmoid, derivative);
  }

  /** The means over groups of weight times what was summed over each channel. */
  private INDArray groupMeans(
      INDArray channelSums, INDArray weight, INDArray groupRows, Memory memory) {
    Ops.multiply(channelSums, weight, channelSums);
    INDArray means = memory.scratch(groupRows.size(0), 1);
    Ops.rowSums(channelSums.reshape('c', groupRows.size(0), channels / groups), means);
    return means.divi(groupRows.size(1));
  }

  private INDArray rowMeans(INDArray rows, Memory memory) {
    INDArray means = memory.scratch(rows.size(0), 1);
    Ops.rowSums(rows, means);
    return means.divi(rows.size(1));
  }

  private INDArray byGroup(INDArray x) {
    long rows = x.size(0) * groups;
    return x.reshape('c', rows, x.length() / rows);
  }

  private INDArray byChannel(INDArray x) {
    long rows = x.size(0) * channels;
    return x.reshape('c', rows, x.length() / rows);
  }

  /** A value a channel, {@code [C]}, as the column {@code [N C, 1]}. */
  private INDArray forEachImage(INDArray channelValues, long images, Memory memory) {
    INDArray rows = memory.scratch(images, channels);
    Ops.run(
        "tile",
        new INDArray[] {channelValues.reshape('c', 1, channels)},
        new INDArray[] {rows},
        (int) images,
        1);
    return rows.reshape('c', images * channels, 1);
  }
}
