package flowmatching.base.safetensors;

import java.util.List;

/**
 * A tensor of a safetensors file.
 *
 * @param name such as {@code down.0.conv.weight}
 * @param shape its dimensions, outermost first; empty for a scalar
 * @param values the elements in row-major order; shared, not copied
 */
// Tensors have megabytes and are never compared: a list of boxed floats would only cost memory.
@SuppressWarnings("ArrayRecordComponent")
public record NamedTensor(String name, List<Long> shape, float[] values) {
  /**
   * @throws IllegalArgumentException if the number of values is not that of the shape
   */
  public NamedTensor {
    shape = List.copyOf(shape);
    long elements = shape.stream().reduce(1L, Math::multiplyExact);
    if (elements != values.length) {
      throw new IllegalArgumentException(
          "%s has %d values in a shape of %d".formatted(name, values.length, elements));
    }
  }
}
