package flowmatching.network.dl4j;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** The attention within {@link SelfAttention} with ND4J's operations, for any backend. */
final class DotProductAttentionOperations implements LayerFunction {
  private final int channels;
  private final int heads;
  private final double scale;

  /** P, {@code [N, heads, L, L]}: a row per query. */
  private INDArray probabilities;

  DotProductAttentionOperations(SelfAttention settings) {
    this.channels = settings.channels();
    this.heads = settings.heads();
    this.scale = settings.scale();
  }

  @Override
  public INDArray forward(Tensors none, Memory memory, INDArray... inputs) {
    INDArray projected = inputs[0]; // [N, 3 C, H, W]
    long images = projected.size(0);
    long pixels = projected.size(2) * projected.size(3);
    probabilities = memory.activation(images, heads, pixels, pixels); // [N, heads, L, L]
    // Q'K: [N, heads, L, d] by [N, heads, d, L]
    matmul(part(projected, 0), true, part(projected, 1), false, scale, probabilities);
    INDArray rows = probabilities.reshape('c', images * heads * pixels, pixels); // [N heads L, L]
    Ops.run("softmax", new INDArray[] {rows}, new INDArray[] {rows}, 1);
    // [N, C, H, W]
    INDArray mixed = memory.activation(images, channels, projected.size(2), projected.size(3));
    // VP': [N, heads, d, L] by [N, heads, L, L]
    matmul(part(projected, 2), false, probabilities, true, 1, byHead(mixed));
    return mixed;
  }

  /**
   * With g = dL/dresult: dL/dV = g P, dL/dP = g'V, dL/dS = P (dL/dP - rowsum(P dL/dP)), dL/dQ = K
   * dL/dS' / sqrt(d), dL/dK = Q dL/dS / sqrt(d).
   */
  @Override
  public INDArray[] backward(INDArray gradient, Tensors none, Memory memory, INDArray... inputs) {
    INDArray projected = inputs[0]; // [N, 3 C, H, W]
    INDArray mixedGradient = byHead(gradient); // [N, heads, d, L]
    INDArray projectedGradient = memory.gradient(projected.shape()); // [N, 3 C, H, W]
    // [N, heads, d, L] by [N, heads, L, L]
    matmul(mixedGradient, false, probabilities, false, 1, part(projectedGradient, 2));

    INDArray scoreGradient = memory.scratch(probabilities.shape()); // [N, heads, L, L]
    // [N, heads, L, d] by [N, heads, d, L]
    matmul(mixedGradient, true, part(projected, 2), false, 1, scoreGradient);
    throughSoftmax(scoreGradient, memory);
    // [N, heads, d, L] by [N, heads, L, L], twice
    matmul(part(projected, 1), false, scoreGradient, true, scale, part(projectedGradient, 0));
    matmul(part(projected, 0), false, scoreGradient, false, scale, part(projectedGradient, 1));
    return new INDArray[] {projectedGradient};
  }

  /** dL/dP becomes dL/dS, {@code [N, heads, L, L]}. */
  private void throughSoftmax(INDArray gradient, Memory memory) {
    long pixels = gradient.size(3);
    INDArray g = gradient.reshape('c', gradient.length() / pixels, pixels); // [N heads L, L]
    INDArray p = probabilities.reshape('c', g.shape()); // [N heads L, L]
    INDArray products = memory.scratch(g.shape()); // [N heads L, L]
    Ops.multiply(g, p, products);
    INDArray sums = memory.scratch(g.size(0), 1); // [N heads L, 1]
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

  /** A view {@code [N, heads, d, L]} of {@code [N, C, H, W]}. */
  private INDArray byHead(INDArray byChannel) {
    return byChannel.reshape('c', byChannel.size(0), heads, channels / heads, -1);
  }

  /** out = factor a b for each image and head, with a and b transposed if set. */
  private static void matmul(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, double factor, INDArray out) {
    Nd4j.exec(
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(out)
            .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0)
            .addFloatingPointArguments(factor, 0.0)
            .build());
  }
}
