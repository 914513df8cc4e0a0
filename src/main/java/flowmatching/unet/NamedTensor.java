package flowmatching.unet;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tensor of a safetensors file.
 *
 * @param name its name, such as {@code down.0.conv.weight}
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param values the elements in row-major order, as many as the shape says; shared, not copied
 */
// Tensors are megabytes and are compared nowhere: a list of boxed floats would serve no one.
@SuppressWarnings("ArrayRecordComponent")
public record NamedTensor(String name, long[] shape, float[] values) {
  /**
   * @throws IllegalArgumentException where the shape has another number of elements than there are
   *     values
   */
  public NamedTensor {
    shape = shape.clone();
    var elements = 1L;
    for (var dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(name + " has the negative dimension " + dimension);
      }
      elements = Math.multiplyExact(elements, dimension);
    }
    if (elements != values.length) {
      throw new IllegalArgumentException(
          "%s has %d values in a shape of %d".formatted(name, values.length, elements));
    }
  }

  /** A copy of an array. */
  public static NamedTensor of(String name, INDArray array) {
    try (var flat = array.dup('c')) {
      return new NamedTensor(name, array.shape(), flat.reshape(flat.length()).toFloatVector());
    }
  }

  /** Gives an array of the same shape these values. */
  public void assignTo(INDArray array) {
    try (var copy = Nd4j.create(values, shape, 'c')) {
      array.assign(copy);
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }
}
