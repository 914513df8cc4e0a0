package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The attention within {@link SelfAttention}, an image at a time so that its scores stay in the
 * processor's cache; the backward pass computes them again. The scores of all heads, S = K'Q /
 * sqrt(d), have the shape {@code [L, heads L]}: a row per key and a column per head and query, so
 * that the softmax over keys runs along all columns at once. P = softmax(S) is the transpose of
 * that there.
 */
final class DotProductAttentionKernel implements LayerFunction {
  private static final int QUERIES = 0;
  private static final int KEYS = 1;
  private static final int VALUES = 2;

  private final int channels;
  private final int heads;
  private final int size;
  private final float scale;

  /** Per column: the largest score, and 1 / sum over keys of e^(S - largest). [N, 2, heads L]. */
  private INDArray largestAndInverses;

  /** The result O, {@code [N, C, H, W]}. */
  private INDArray mixed;

  DotProductAttentionKernel(SelfAttention settings) {
    this.channels = settings.channels();
    this.heads = settings.heads();
    this.size = channels / heads;
    this.scale = (float) settings.scale();
  }

  @Override
  public INDArray forward(Tensors none, Memory memory, INDArray... inputs) {
    INDArray projected = inputs[0]; // [N, 3 C, H, W]
    long images = projected.size(0);
    long columns = heads * projected.size(2) * projected.size(3);
    // [N, C, H, W]
    mixed = memory.activation(images, channels, projected.size(2), projected.size(3));
    largestAndInverses = memory.activation(images, 2, columns); // [N, 2, heads L]
    new Forward(projected, memory).run();
    return mixed;
  }

  /**
   * With the result O = V P and g = dL/dO: dL/dV = g P', dL/dP = V'g, dL/dS = P (dL/dP - D), dL/dQ
   * = K dL/dS / sqrt(d), dL/dK = Q dL/dS' / sqrt(d). D is the sum of g O over channels, which
   * equals the sum of P dL/dP over keys (Dao et al. 2022, arXiv:2205.14135, appendix B.2).
   */
  @Override
  public INDArray[] backward(INDArray gradient, Tensors none, Memory memory, INDArray... inputs) {
    INDArray projectedGradient = memory.gradient(inputs[0].shape()); // [N, 3 C, H, W]
    new Backward(inputs[0], gradient, projectedGradient, memory).run();
    return new INDArray[] {projectedGradient};
  }

  /** What both passes need. */
  private class Pass {
    final HostImages in;
    final HostImages results = HostImages.of(mixed);
    final HostArray softmax = HostArray.of(largestAndInverses);
    final int pixels = results.pixels();
    final int columns = heads * pixels;

    /** Of one image, {@code [L, heads L]}. */
    final HostArray scores;

    Pass(INDArray projected, Memory memory) {
      in = HostImages.of(projected);
      scores = scores(memory);
    }

    /** A value per key, head and query of an image: {@code [L, heads L]}. */
    final HostArray scores(Memory memory) {
      return HostArray.of(memory.scratch(pixels, columns));
    }

    /** The scores of a head, {@code [L, L]}. */
    final Gemm.Matrix ofHead(HostArray scores, int head) {
      return new Gemm.Matrix(scores.at((long) head * pixels), pixels, pixels, columns, false);
    }

    /** Queries, keys or values of a head, or their gradients: {@code [d, L]}. */
    final Gemm.Matrix part(HostImages projected, int which, int image, int head) {
      return projected.matrix(image, which * channels + head * size, size);
    }

    /** A head's part of the result or its gradient, {@code [d, L]}. */
    final Gemm.Matrix ofHead(HostImages results, int image, int head) {
      return results.matrix(image, head * size, size);
    }

    /** The scores become S: per head {@code [L, d]} by {@code [d, L]}. */
    final void computeScores(int image) {
      for (int head = 0; head < heads; head++) {
        Gemm.multiply(
            part(in, KEYS, image, head).transposed(),
            part(in, QUERIES, image, head),
            ofHead(scores, head),
            scale);
      }
    }

    /** The image's part of {@link #largestAndInverses}, {@code [2, heads L]}. */
    final FloatBuffer softmax(int image) {
      return softmax.part(2L * image * columns, 2 * columns);
    }
  }

  private final class Forward extends Pass {
    Forward(INDArray projected, Memory memory) {
      super(projected, memory);
    }

    void run() {
      float[][] rows = new float[pixels][columns]; // [L, heads L]
      float[] largest = new float[columns]; // [heads L]
      float[] inverses = new float[columns]; // [heads L]
      for (int image = 0; image < results.images(); image++) {
        computeScores(image);
        exponentiate(scores.part(0, pixels * columns), rows, largest, inverses);
        softmax(image).put(largest).put(inverses);
        mix(image, inverses);
      }
    }

    /** S becomes E = e^(S - largest), and the inverses become 1 / the sums of E over keys. */
    private void exponentiate(
        FloatBuffer scores, float[][] rows, float[] largest, float[] inverses) {
      Arrays.fill(largest, Float.NEGATIVE_INFINITY);
      Arrays.fill(inverses, 0);
      for (int key = 0; key < pixels; key++) {
        scores.get(key * columns, rows[key]);
        Loops.max(largest, rows[key], columns);
      }
      for (int key = 0; key < pixels; key++) {
        Loops.exp(rows[key], largest, inverses, columns);
        scores.put(key * columns, rows[key]);
      }
      Loops.invert(inverses, columns);
    }

    /** O = V P with P = E / sums: the division is cheapest in the result. */
    private void mix(int image, float[] inverses) {
      FloatBuffer out = results.values(image); // [C, L]
      float[] inversesOfHead = new float[pixels]; // [L]
      float[] result = new float[pixels]; // [L]
      for (int head = 0; head < heads; head++) {
        // [d, L] by [L, L]
        Gemm.multiply(
            part(in, VALUES, image, head), ofHead(scores, head), ofHead(results, image, head), 1);
        System.arraycopy(inverses, head * pixels, inversesOfHead, 0, pixels);
        for (int channel = head * size; channel < (head + 1) * size; channel++) {
          out.get(channel * pixels, result);
          Loops.multiply(result, inversesOfHead, pixels);
          out.put(channel * pixels, result);
        }
      }
    }
  }

  private final class Backward extends Pass {
    private final HostImages gradients;
    private final HostImages out;
    private final HostArray scoreGradients;

    Backward(INDArray projected, INDArray gradient, INDArray projectedGradient, Memory memory) {
      super(projected, memory);
      gradients = HostImages.of(gradient);
      out = HostImages.of(projectedGradient);
      scoreGradients = scores(memory);
    }

    void run() {
      for (int image = 0; image < results.images(); image++) {
        computeScores(image);
        for (int head = 0; head < heads; head++) {
          // dL/dP: [L, d] by [d, L]
          Gemm.multiply(
              part(in, VALUES, image, head).transposed(),
              ofHead(gradients, image, head),
              ofHead(scoreGradients, head),
              1);
        }
        throughSoftmax(
            scores.part(0, pixels * columns), scoreGradients.part(0, pixels * columns), image);
        throughProducts(image);
      }
    }

    /** S becomes P, and dL/dP becomes dL/dS: {@code [L, heads L]}. */
    private void throughSoftmax(FloatBuffer scores, FloatBuffer scoreGradients, int image) {
      float[] largest = new float[columns];
      float[] inverses = new float[columns];
      softmax(image).get(largest).get(inverses);
      float[] d = new float[columns]; // [heads L]
      addProductsOverChannels(d, image);
      float[] row = new float[columns];
      float[] rowGradient = new float[columns];
      for (int key = 0; key < pixels; key++) {
        scores.get(key * columns, row);
        scoreGradients.get(key * columns, rowGradient);
        Loops.scaledExp(row, largest, inverses, columns);
        Loops.softmaxGradient(rowGradient, row, d, columns);
        scores.put(key * columns, row);
        scoreGradients.put(key * columns, rowGradient);
      }
    }

    /** D = the sum of g O over the channels of each head: {@code [heads L]}. */
    private void addProductsOverChannels(float[] d, int image) {
      FloatBuffer gradient = gradients.values(image); // [C, L]
      FloatBuffer result = results.values(image); // [C, L]
      float[] g = new float[pixels];
      float[] o = new float[pixels];
      for (int head = 0; head < heads; head++) {
        float[] ofHead = new float[pixels];
        for (int channel = head * size; channel < (head + 1) * size; channel++) {
          gradient.get(channel * pixels, g);
          result.get(channel * pixels, o);
          Loops.addProducts(ofHead, g, o, pixels);
        }
        System.arraycopy(ofHead, 0, d, head * pixels, pixels);
      }
    }

    /** The gradients of values, queries and keys, with P in the scores: [d, L] by [L, L]. */
    private void throughProducts(int image) {
      for (int head = 0; head < heads; head++) {
        Gemm.Matrix g = ofHead(gradients, image, head);
        Gemm.Matrix p = ofHead(scores, head);
        Gemm.Matrix s = ofHead(scoreGradients, head);
        Gemm.multiply(g, p.transposed(), part(out, VALUES, image, head), 1);
        Gemm.multiply(part(in, KEYS, image, head), s, part(out, QUERIES, image, head), scale);
        Gemm.multiply(
            part(in, QUERIES, image, head), s.transposed(), part(out, KEYS, image, head), scale);
      }
    }
  }
}
