package flowmatching.network.dl4j;

import java.util.List;
import java.util.stream.LongStream;

/**
 * A trainable tensor of a layer, laid out as in PyTorch.
 *
 * @param name PyTorch's name within the layer
 * @param bound initial values are uniform in [centre - bound, centre + bound]
 */
record Parameter(String name, List<Long> shape, double centre, double bound) {

  private static Parameter of(String name, double centre, double bound, long... shape) {
    return new Parameter(name, LongStream.of(shape).boxed().toList(), centre, bound);
  }

  static Parameter constant(String name, double value, long... shape) {
    return of(name, value, 0, shape);
  }

  /** PyTorch's default for convolutions and linear layers: bound 1 / sqrt(fan in). */
  static Parameter fanIn(String name, long fanIn, long... shape) {
    return of(name, 0, 1 / Math.sqrt((double) fanIn), shape);
  }

  /** Bound sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010). */
  static Parameter xavier(String name, long fanIn, long fanOut, long... shape) {
    return of(name, 0, Math.sqrt(6.0 / (fanIn + fanOut)), shape);
  }

  /** The same parameter with a prefix, for a layer within another. */
  Parameter within(String prefix) {
    return new Parameter(prefix + name, shape, centre, bound);
  }

  long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The number of values.
   *
   * @throws ArithmeticException if it exceeds 64 bits
   */
  long length() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
