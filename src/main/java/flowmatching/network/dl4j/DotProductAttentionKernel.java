package flowmatching.network.dl4j;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link DotProductAttention} an image at a time so that its scores stay in the processor's cache;
 * the backward pass computes them again. The scores of all heads, S = K'Q / sqrt(d), have the shape
 * {@code [L, heads L]}: a row per key and a column per head and query, so that the softmax over
 * keys runs along all columns at once. P = softmax(S) is the transpose of the interface's.
 */
final class DotProductAttentionKernel implements DotProductAttention {
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
  public INDArray forward(INDArray projected, Memory memory) {
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
  public INDArray backward(INDArray projected, INDArray gradient, Memory memory) {
    INDArray projectedGradient = memory.scratch(projected.shape()); // [N, 3 C, H, W]
    new Backward(projected, gradient, projectedGradient, memory).run();
    return projectedGradient;
  }

  /** Queries, keys and values {@code [d, L]} of each image and head, or their gradients. */
  private final class Projections {
    private final HostImages projected;

    Projections(INDArray projected) {
      this.projected = HostImages.of(projected);
    }

    Gemm.Matrix queries(int image, int head) {
      return projected.matrix(image, head * size);
    }

    Gemm.Matrix keys(int image, int head) {
      return projected.matrix(image, channels + head * size);
    }

    Gemm.Matrix values(int image, int head) {
      return projected.matrix(image, 2 * channels + head * size);
    }
  }

  /** A value per key, head and query of an image: {@code [L, heads L]}. */
  private final class Scores {
    private final HostArray values;
    private final int pixels;
    private final int columns;

    Scores(int pixels, Memory memory) {
      this.pixels = pixels;
      this.columns = heads * pixels;
      this.values = HostArray.of(memory.scratch(pixels, columns));
    }

    /** {@code [L, L]}. */
    Gemm.Matrix ofHead(int head) {
      return new Gemm.Matrix(values.at((long) head * pixels), columns);
    }

    /** {@code [L, heads L]}. */
    FloatBuffer all() {
      return values.part(0, pixels * columns);
    }

    /** Becomes S: per head {@code [L, d]} by {@code [d, L]}. */
    void compute(Projections in, int image) {
      for (int head = 0; head < heads; head++) {
        Gemm.multiply(
            in.keys(image, head).transposed(),
            in.queries(image, head),
            ofHead(head),
            new Gemm.Sizes(pixels, pixels, size),
            scale);
      }
    }
  }

  private final class Forward {
    private final Projections in;
    private final HostImages results = HostImages.of(mixed);
    private final HostArray softmax = HostArray.of(largestAndInverses);
    private final int pixels = results.pixels();
    private final int columns = heads * pixels;
    private final Scores scores;

    Forward(INDArray projected, Memory memory) {
      in = new Projections(projected);
      scores = new Scores(pixels, memory);
    }

    void run() {
      float[][] rows = new float[pixels][columns]; // [L, heads L]
      float[] largest = new float[columns]; // [heads L]
      float[] inverses = new float[columns]; // [heads L]
      for (int image = 0; image < results.images(); image++) {
        scores.compute(in, image);
        exponentiate(scores.all(), rows, largest, inverses);
        softmax.part(2L * image * columns, 2 * columns).put(largest).put(inverses);
        mix(scores, image, inverses);
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
    private void mix(Scores exponentials, int image, float[] inverses) {
      FloatBuffer out = results.values(image); // [C, L]
      float[] inversesOfHead = new float[pixels]; // [L]
      float[] result = new float[pixels]; // [L]
      for (int head = 0; head < heads; head++) {
        // [d, L] by [L, L]
        Gemm.multiply(
            in.values(image, head),
            exponentials.ofHead(head),
            results.matrix(image, head * size),
            new Gemm.Sizes(size, pixels, pixels));
        System.arraycopy(inverses, head * pixels, inversesOfHead, 0, pixels);
        for (int channel = head * size; channel < (head + 1) * size; channel++) {
          out.get(channel * pixels, result);
          Loops.multiply(result, inversesOfHead, pixels);
          out.put(channel * pixels, result);
        }
      }
    }
  }

  private final class Backward {
    private final Projections in;
    private final HostImages gradients;
    private final Projections out;
    private final HostImages results = HostImages.of(mixed);
    private final HostArray softmax = HostArray.of(largestAndInverses);
    private final int pixels = results.pixels();
    private final int columns = heads * pixels;
    private final Scores scores;
    private final Scores scoreGradients;

    Backward(INDArray projected, INDArray gradient, INDArray projectedGradient, Memory memory) {
      in = new Projections(projected);
      gradients = HostImages.of(gradient);
      out = new Projections(projectedGradient);
      scores = new Scores(pixels, memory);
      scoreGradients = new Scores(pixels, memory);
    }

    void run() {
      for (int image = 0; image < results.images(); image++) {
        scores.compute(in, image);
        for (int head = 0; head < heads; head++) {
          // dL/dP: [L, d] by [d, L]
          Gemm.multiply(
              in.values(image, head).transposed(),
              gradients.matrix(image, head * size),
              scoreGradients.ofHead(head),
              new Gemm.Sizes(pixels, pixels, size));
        }
        throughSoftmax(scores.all(), scoreGradients.all(), image);
        throughProducts(image);
      }
    }

    /** S becomes P, and dL/dP becomes dL/dS: {@code [L, heads L]}. */
    private void throughSoftmax(FloatBuffer scores, FloatBuffer scoreGradients, int image) {
      float[] largest = new float[columns];
      float[] inverses = new float[columns];
      softmax.part(2L * image * columns, 2 * columns).get(largest).get(inverses);
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

    /** The gradients of values, queries and keys, with P in the scores. */
    private void throughProducts(int image) {
      Gemm.Sizes sizes = new Gemm.Sizes(size, pixels, pixels); // [d, L] by [L, L]
      for (int head = 0; head < heads; head++) {
        Gemm.Matrix ofHead = scoreGradients.ofHead(head);
        Gemm.multiply(
            gradients.matrix(image, head * size),
            scores.ofHead(head).transposed(),
            out.values(image, head),
            sizes);
        Gemm.multiply(in.keys(image, head), ofHead, out.queries(image, head), sizes, scale);
        Gemm.multiply(
            in.queries(image, head), ofHead.transposed(), out.keys(image, head), sizes, scale);
      }
    }
  }
}
