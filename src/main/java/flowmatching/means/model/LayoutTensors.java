package flowmatching.means.model;

import flowmatching.base.safetensors.NamedTensor;
import flowmatching.network.TensorLayout;
import java.util.List;
import java.util.Map;

/** Converts between a parameter vector and the named tensors of a file. */
public final class LayoutTensors {
  private LayoutTensors() {}

  /**
   * The tensors of a vector.
   *
   * @param prefix of each tensor's name in the file
   */
  public static List<NamedTensor> of(TensorLayout layout, String prefix, float[] vector) {
    return layout.tensors().stream()
        .map(tensor -> new NamedTensor(prefix + tensor.name(), tensor.shape(), tensor.of(vector)))
        .toList();
  }

  /**
   * The vector of tensors.
   *
   * @param prefix of each tensor's name in the file
   * @param tensors by name: all of the layout's, in its shapes
   */
  public static float[] vector(
      TensorLayout layout, String prefix, Map<String, NamedTensor> tensors) {
    return layout.vector(name -> tensors.get(prefix + name).values());
  }
}
