package flowmatching.network.dl4j;

import java.util.List;
import java.util.stream.LongStream;

/**
 * A trainable tensor of a layer, laid out as in PyTorch.
 *
 * @param name PyTorch's with a hyphen for each underscore, at which DL4J cuts its names
 * @param bound initial values are uniform in [-bound, bound] around {@code centre}
 */
record Parameter(String name, List<Long> shape, double centre, double bound) {

  static Parameter constant(String name, double value, long... shape) {
    return new Parameter(name, LongStream.of(shape).boxed().toList(), value, 0);
  }

  /** PyTorch's default of convolutions and linear layers: bound 1 / sqrt(fan in). */
  static Parameter fanIn(String name, long fanIn, long... shape) {
    return new Parameter(
        name, LongStream.of(shape).boxed().toList(), 0, 1 / Math.sqrt((double) fanIn));
  }

  /** Glorot and Bengio 2010: bound sqrt(6 / (fan in + fan out)). */
  static Parameter xavier(String name, long fanIn, long fanOut, long... shape) {
    return new Parameter(
        name, LongStream.of(shape).boxed().toList(), 0, Math.sqrt(6.0 / (fanIn + fanOut)));
  }

  /** The same of a layer within another. */
  Parameter within(String layer) {
    return new Parameter(layer + name, shape, centre, bound);
  }

  String pyTorchName() {
    return name.replace('-', '_');
  }

  long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  long length() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
