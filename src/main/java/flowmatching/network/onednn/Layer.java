package flowmatching.network.onednn;

import java.util.List;

/**
 * A layer of the network's definition.
 *
 * @param name of its parameters, with a dot at the end
 */
public record Layer(String name, Kind kind, List<String> inputs) {
  /** What a layer computes. */
  public sealed interface Kind {}

  public record TimeEmbedding(int size) implements Kind {
    private static final double BASE = 10_000;

    /** Of the sines and of the cosines, {@code [size / 2]}: 1 / 10000^(2 i / size). */
    public float[] frequencies() {
      float[] values = new float[size / 2];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.pow(BASE, -2.0 * i / size);
      }
      return values;
    }
  }

  public record Linear(int in, int out, boolean swish) implements Kind {}

  public record Convolution(int out, int kernel, int stride, int padding) implements Kind {}

  public record TransposedConvolution(int out) implements Kind {}

  public record Residual(int out, int groups) implements Kind {}

  public record GroupNorm(int groups, boolean silu) implements Kind {}

  public record Attention(int heads) implements Kind {}

  public record Concatenation() implements Kind {}
}
