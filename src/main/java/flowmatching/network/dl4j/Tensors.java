package flowmatching.network.dl4j;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The parameters of a layer in a network and their gradients, by name.
 *
 * @param gradients overwritten by a backward pass; may be empty in a forward pass
 */
record Tensors(Map<String, INDArray> parameters, Map<String, INDArray> gradients) {
  INDArray weight() {
    return parameters.get("weight");
  }

  INDArray bias() {
    return parameters.get("bias");
  }

  INDArray weightGradient() {
    return gradients.get("weight");
  }

  INDArray biasGradient() {
    return gradients.get("bias");
  }

  /** The tensors of a layer within this one, which have its prefix here. */
  Tensors of(String prefix) {
    return of(prefix, UnaryOperator.identity());
  }

  /** Views of the tensors of a layer within this one. */
  Tensors of(String prefix, UnaryOperator<INDArray> view) {
    return new Tensors(of(prefix, view, parameters), of(prefix, view, gradients));
  }

  private static Map<String, INDArray> of(
      String prefix, UnaryOperator<INDArray> view, Map<String, INDArray> tensors) {
    Map<String, INDArray> own = new HashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), view.apply(tensor));
          }
        });
    return own;
  }
}
