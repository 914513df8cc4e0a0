package flowmatching.network;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How tensors lie one after the other in a vector, each in row-major order.
 *
 * @param tensors in their order
 */
public record TensorLayout(List<Tensor> tensors) implements Serializable {
  /**
   * The place of a tensor.
   *
   * @param name PyTorch's
   * @param shape its dimensions, outermost first
   * @param from its first value in the vector
   */
  public record Tensor(String name, List<Long> shape, int from) implements Serializable {
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** How many values it has. */
    public int length() {
      return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    }

    /** The place behind its last value. */
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

  /** Tensors of these names and shapes, in their order. */
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

  /** Values of all tensors. */
  public int length() {
    return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).to();
  }

  /** The shapes by name, in their order. */
  public Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    tensors.forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
    return shapes;
  }

  /**
   * Puts tensors into one vector.
   *
   * @param values of each tensor by name, all of them
   */
  public float[] vector(Map<String, float[]> values) {
    float[] vector = new float[length()];
    for (Tensor tensor : tensors) {
      System.arraycopy(values.get(tensor.name()), 0, vector, tensor.from(), tensor.length());
    }
    return vector;
  }
}
