package flowmatching.network;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The layout of a flat parameter vector: tensors one after the other without gaps, each in
 * row-major order.
 *
 * @param tensors by position
 */
public record TensorLayout(List<Tensor> tensors) implements Serializable {
  /**
   * A tensor within the vector.
   *
   * @param name PyTorch's, such as {@code downs.0.res.skip.weight}
   * @param shape its dimensions, outermost first
   * @param from the index of its first value
   */
  public record Tensor(String name, List<Long> shape, int from) implements Serializable {
    public Tensor {
      shape = List.copyOf(shape);
    }

    /**
     * Its number of values.
     *
     * @throws ArithmeticException if an array cannot hold them
     */
    public int length() {
      return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    }

    /** The index after its last value. */
    public int to() {
      return Math.addExact(from, length());
    }

    /** A copy of its values in a vector. */
    public float[] of(float[] vector) {
      return Arrays.copyOfRange(vector, from, to());
    }
  }

  public TensorLayout {
    tensors = List.copyOf(tensors);
  }

  /**
   * The layout of tensors with these names and shapes, in the map's order.
   *
   * @throws ArithmeticException if an array cannot hold all values
   */
  public static TensorLayout of(Map<String, List<Long>> shapes) {
    List<Tensor> tensors = new ArrayList<>();
    int from = 0;
    for (var shape : shapes.entrySet()) {
      Tensor tensor = new Tensor(shape.getKey(), shape.getValue(), from);
      tensors.add(tensor);
      from = tensor.to();
    }
    return new TensorLayout(tensors);
  }

  /** The number of values of all tensors. */
  public int length() {
    return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).to();
  }

  /** The shapes by name, in the order of the vector. */
  public Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    tensors.forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
    return shapes;
  }

  /** The vector of the tensors' values by name. */
  public float[] vector(Function<String, float[]> values) {
    float[] vector = new float[length()];
    for (Tensor tensor : tensors) {
      System.arraycopy(values.apply(tensor.name()), 0, vector, tensor.from(), tensor.length());
    }
    return vector;
  }
}
