package flowmatching.base.safetensors;

import java.util.Arrays;
import java.util.List;

/**
 * A tensor of a safetensors file.
 *
 * @param name its name, such as {@code down.0.conv.weight}
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param values the elements in row-major order; shared, not copied
 */
// Tensors have megabytes and are never compared: a list of boxed floats would only cost memory.
@SuppressWarnings("ArrayRecordComponent")
public record NamedTensor(String name, long[] shape, float[] values) {
  /**
   * @throws IllegalArgumentException if the number of values is not that of the shape
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

  /** Whether the tensor has this shape. */
  public boolean hasShape(List<Long> dimensions) {
    return Arrays.equals(shape, dimensions.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }
}
