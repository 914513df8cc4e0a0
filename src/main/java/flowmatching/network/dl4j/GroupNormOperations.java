package flowmatching.network.dl4j;

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
  public INDArray forward(Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray x = byGroup(inputs.length > 1 ? sum(inputs, memory) : inputs[0]); // [N G, D L]
    normal = memory.activation(inputs[0].shape()); // [N, C, H, W]
    INDArray centred = byGroup(normal); // [N G, D L]
    Ops.subtract(x, rowMeans(x, x.size(1), memory), centred);
    INDArray squares = memory.scratch(centred.shape()); // [N G, D L]
    Ops.multiply(centred, centred, squares);
    inverseDeviation = memory.activation(x.size(0), 1); // [N G, 1]
    inverseDeviation.assign(rowMeans(squares, x.size(1), memory).addi(GroupNorm.EPSILON));
    Transforms.sqrt(inverseDeviation, false).rdivi(1);
    Ops.multiply(centred, inverseDeviation, centred); // [N G, D L]

    INDArray y = memory.activation(inputs[0].shape()); // [N, C, H, W]
    long images = y.size(0);
    // [N C, L] by [N C, 1]
    Ops.multiply(byChannel(normal), forEachImage(tensors.weight(), images, memory), byChannel(y));
    Ops.add(byChannel(y), forEachImage(tensors.bias(), images, memory), byChannel(y));
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
      INDArray gradient, Tensors tensors, Memory memory, INDArray... inputs) {
    INDArray g = silu ? throughSilu(gradient, memory) : gradient; // [N, C, H, W]
    long images = g.size(0);
    INDArray products = memory.scratch(g.shape()); // [N, C, H, W]
    Ops.multiply(g, normal, products);
    INDArray sums = memory.scratch(images * channels, 1); // [N C, 1]
    INDArray productSums = memory.scratch(images * channels, 1); // [N C, 1]
    Ops.rowSums(byChannel(g), sums);
    Ops.rowSums(byChannel(products), productSums);
    sums.reshape('c', images, channels).sum(tensors.biasGradient(), 0); // [N, C] to [C]
    productSums.reshape('c', images, channels).sum(tensors.weightGradient(), 0); // [N, C] to [C]

    INDArray weight = forEachImage(tensors.weight(), images, memory); // [N C, 1]
    INDArray xGradient = memory.gradient(g.shape()); // [N, C, H, W]
    Ops.multiply(byChannel(g), weight, byChannel(xGradient)); // [N C, L]
    INDArray rest = byGroup(products); // [N G, D L]
    Ops.multiply(byGroup(normal), groupMeans(productSums, weight, rest.size(1), memory), rest);
    Ops.add(rest, groupMeans(sums, weight, rest.size(1), memory), rest);
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
  private INDArray throughSilu(INDArray gradient, Memory memory) {
    INDArray g = memory.scratch(gradient.shape());
    Ops.multiply(output, sigmoid, g);
    Ops.subtract(output, g, g);
    Ops.add(g, sigmoid, g);
    Ops.multiply(gradient, g, g);
    return g;
  }

  /**
   * The means over groups, {@code [N G, 1]}, of weight times sums over channels {@code [N C, 1]}.
   */
  private INDArray groupMeans(INDArray sums, INDArray weight, long length, Memory memory) {
    Ops.multiply(sums, weight, sums);
    return rowMeans(sums.reshape('c', -1, channels / groups), length, memory);
  }

  /** The sums of rows {@code [R, M]} over a number of values: {@code [R, 1]}. */
  private static INDArray rowMeans(INDArray rows, long count, Memory memory) {
    INDArray means = memory.scratch(rows.size(0), 1);
    Ops.rowSums(rows, means);
    return means.divi(count);
  }

  /** A view {@code [N G, D L]}. */
  private INDArray byGroup(INDArray x) {
    return x.reshape('c', x.size(0) * groups, -1);
  }

  /** A view {@code [N C, L]}. */
  private INDArray byChannel(INDArray x) {
    return x.reshape('c', x.size(0) * channels, -1);
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
