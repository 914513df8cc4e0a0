package flowmatching.network.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link GroupNorm} with ND4J's operations, for any backend. Shapes: G groups, D = C / G channels
 * per group, L = H W pixels.
 */
final class GroupNormOperations implements LayerFunction {
  private final int channels;
  private final int groups;
  private final boolean silu;

  /** The normalised input n, {@code [N, C, H, W]}. */
  private INDArray normal;

  /** {@code [N G, 1]}. */
  private INDArray inverseDeviation;

  /** sigmoid(y), {@code [N, C, H, W]}. */
  private INDArray sigmoid;

  /** {@code [N, C, H, W]}. */
  private INDArray output;

  GroupNormOperations(GroupNorm settings) {
    this.channels = settings.channels();
    this.groups = settings.groups();
    this.silu = settings.silu();
  }

  @Override
  public INDArray forward(INDArray[] inputs, Map<String, INDArray> parameters, Memory memory) {
    INDArray x = byGroup(inputs.length > 1 ? sum(inputs, memory) : inputs[0]); // [N G, D L]
    normal = memory.activation(inputs[0].shape()); // [N, C, H, W]
    INDArray centred = byGroup(normal); // [N G, D L]
    Ops.subtract(x, rowMeans(x, memory), centred);
    INDArray squares = memory.scratch(centred.shape()); // [N G, D L]
    Ops.multiply(centred, centred, squares);
    inverseDeviation = memory.activation(x.size(0), 1); // [N G, 1]
    inverseDeviation.assign(rowMeans(squares, memory).addi(GroupNorm.EPSILON));
    Transforms.sqrt(inverseDeviation, false).rdivi(1);
    Ops.multiply(centred, inverseDeviation, centred); // [N G, D L]

    INDArray y = memory.activation(inputs[0].shape()); // [N, C, H, W]
    long images = y.size(0);
    // [N C, L] by [N C, 1]
    Ops.multiply(
        byChannel(normal), forEachImage(parameters.get("weight"), images, memory), byChannel(y));
    Ops.add(byChannel(y), forEachImage(parameters.get("bias"), images, memory), byChannel(y));
    if (silu) {
      sigmoid = memory.activation(y.shape()); // [N, C, H, W]
      Ops.sigmoid(y, sigmoid);
      Ops.multiply(y, sigmoid, y);
    }
    output = y;
    return y;
  }

  private INDArray sum(INDArray[] inputs, Memory memory) {
    INDArray sum = memory.scratch(inputs[0].shape()); // [N, C, H, W]
    // [N C, L] and [N C, 1]
    Ops.add(byChannel(inputs[0]), inputs[1].reshape('c', inputs[1].length(), 1), byChannel(sum));
    return sum;
  }

  @Override
  public INDArray[] backward(
      INDArray[] inputs,
      INDArray gradient, // [N, C, H, W]
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      Memory memory) {
    INDArray g = gradient;
    if (silu) {
      g = memory.scratch(gradient.shape()); // [N, C, H, W]
      siluDerivative(g);
      Ops.multiply(gradient, g, g);
    }
    long images = g.size(0);
    INDArray products = memory.scratch(g.shape()); // [N, C, H, W]
    Ops.multiply(g, normal, products);
    INDArray sums = memory.scratch(images * channels, 1); // [N C, 1]
    INDArray productSums = memory.scratch(images * channels, 1); // [N C, 1]
    Ops.rowSums(byChannel(g), sums);
    Ops.rowSums(byChannel(products), productSums);
    sums.reshape('c', images, channels).sum(gradients.get("bias"), 0); // [N, C] to [C]
    productSums.reshape('c', images, channels).sum(gradients.get("weight"), 0); // [N, C] to [C]

    INDArray weight = forEachImage(parameters.get("weight"), images, memory); // [N C, 1]
    INDArray xGradient = memory.gradient(g.shape()); // [N, C, H, W]
    Ops.multiply(byChannel(g), weight, byChannel(xGradient)); // [N C, L]
    INDArray rest = byGroup(products); // [N G, D L]
    Ops.multiply(byGroup(normal), groupMeans(productSums, weight, rest, memory), rest);
    Ops.add(rest, groupMeans(sums, weight, rest, memory), rest);
    Ops.subtract(byGroup(xGradient), rest, byGroup(xGradient));
    Ops.multiply(byGroup(xGradient), inverseDeviation, byGroup(xGradient));
    if (inputs.length == 1) {
      return new INDArray[] {xGradient};
    }
    INDArray offsetGradient = memory.gradient(inputs[1].shape()); // [N, C]
    // [N C, L] to [N C, 1]
    Ops.rowSums(byChannel(xGradient), offsetGradient.reshape('c', offsetGradient.length(), 1));
    return new INDArray[] {xGradient, offsetGradient};
  }

  /** With a = y s, s = sigmoid(y): da/dy = s + a (1 - s) = s + a - a s, {@code [N, C, H, W]}. */
  private void siluDerivative(INDArray derivative) {
    Ops.multiply(output, sigmoid, derivative);
    Ops.subtract(output, derivative, derivative);
    Ops.add(derivative, sigmoid, derivative);
  }

  /**
   * The means over groups, {@code [N G, 1]}, of weight times sums over channels {@code [N C, 1]}.
   */
  private INDArray groupMeans(
      INDArray channelSums, INDArray weight, INDArray groupRows, Memory memory) {
    Ops.multiply(channelSums, weight, channelSums);
    INDArray means = memory.scratch(groupRows.size(0), 1);
    Ops.rowSums(channelSums.reshape('c', groupRows.size(0), channels / groups), means);
    return means.divi(groupRows.size(1));
  }

  /** {@code [R, M]} to {@code [R, 1]}. */
  private INDArray rowMeans(INDArray rows, Memory memory) {
    INDArray means = memory.scratch(rows.size(0), 1);
    Ops.rowSums(rows, means);
    return means.divi(rows.size(1));
  }

  /** A view {@code [N G, D L]}. */
  private INDArray byGroup(INDArray x) {
    long rows = x.size(0) * groups;
    return x.reshape('c', rows, x.length() / rows);
  }

  /** A view {@code [N C, L]}. */
  private INDArray byChannel(INDArray x) {
    long rows = x.size(0) * channels;
    return x.reshape('c', rows, x.length() / rows);
  }

  /** Values per channel {@code [C]}, repeated as a column {@code [N C, 1]}. */
  private INDArray forEachImage(INDArray channelValues, long images, Memory memory) {
    INDArray rows = memory.scratch(images, channels); // [N, C]
    Ops.run(
        "tile",
        new INDArray[] {channelValues.reshape('c', 1, channels)},
        new INDArray[] {rows},
        (int) images,
        1);
    return rows.reshape('c', images * channels, 1);
  }
}
