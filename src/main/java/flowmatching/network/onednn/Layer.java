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

  public record TimeEmbedding(int size) implements Kind {}

  public record Linear(int in, int out, boolean swish) implements Kind {}

  public record Convolution(int out, int kernel, int stride, int padding) implements Kind {}

  public record TransposedConvolution(int out) implements Kind {}

  public record Residual(int out, int groups) implements Kind {}

  public record GroupNorm(int groups, boolean silu) implements Kind {}

  public record Attention(int heads) implements Kind {}

  public record Concatenation() implements Kind {}
}
