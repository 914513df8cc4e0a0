package flowmatching.network.onednn;

import flowmatching.network.TensorLayout;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The parameters in the layouts that the primitives of a network want, made again after each
 * change, and the gradients.
 */
final class Weights implements AutoCloseable {
  private record Copy(PointerScope scope, memory from, memory to, reorder copying) {
    void make(stream queue) {
      copying.execute(queue, from, to);
    }
  }

  private final engine processor;
  private final stream queue;
  private final FloatPointer values;
  private final FloatPointer gradients;
  private final Map<String, TensorLayout.Tensor> tensors = new HashMap<>();
  private final Map<String, List<Copy>> copies = new HashMap<>();

  Weights(engine processor, stream queue, TensorLayout layout, FloatPointer values) {
    this.processor = processor;
    this.queue = queue;
    this.values = values;
    this.gradients = new FloatPointer(Math.max(1, layout.length()));
    layout.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
  }

  FloatPointer gradients() {
    return gradients;
  }

  /** A parameter as it is in the vector. */
  memory values(String name, memory.desc plain) {
    return at(values, name, plain);
  }

  /** Its gradient as it is in the vector. */
  memory gradient(String name, memory.desc plain) {
    return at(gradients, name, plain);
  }

  private memory at(FloatPointer vector, String name, memory.desc plain) {
    return new memory(plain, processor, vector.getPointer(tensors.get(name).from()));
  }

  /** A parameter's values, without a copy. */
  FloatBuffer floats(String name) {
    return at(values, name);
  }

  /** Its gradient's values, without a copy. */
  FloatBuffer gradientFloats(String name) {
    return at(gradients, name);
  }

  private FloatBuffer at(FloatPointer vector, String name) {
    TensorLayout.Tensor tensor = tensors.get(name);
    FloatPointer part = vector.getPointer(tensor.from());
    return part.capacity(tensor.length()).asBuffer();
  }

  /** A parameter in another layout. */
  // Unchecked in JavaCPP 1.5.7, with which builds for GPUs compile.
  @SuppressWarnings("unchecked")
  memory in(memory.desc layout, String name, memory.desc plain) {
    if (layout.equals(plain)) {
      return values(name, plain);
    }
    List<Copy> ofName = copies.computeIfAbsent(name, key -> new ArrayList<>());
    for (Copy copy : ofName) {
      if (copy.to.get_desc().equals(layout)) {
        return copy.to;
      }
    }
    // Not in the scope of the plan that needs it first.
    try (PointerScope scope = new PointerScope()) {
      memory from = values(name, plain);
      memory to = new memory(layout, processor);
      Copy copy = new Copy(scope, from, to, new reorder(from, to));
      copy.make(queue);
      ofName.add(copy);
      scope.extend();
      return to;
    }
  }

  /** Makes the copies again, after the parameters have changed. */
  void refresh() {
    copies.values().forEach(ofName -> ofName.forEach(copy -> copy.make(queue)));
  }

  /** Frees the copies and the gradients. */
  @Override
  public void close() {
    copies.values().forEach(ofName -> ofName.forEach(copy -> copy.scope().close()));
    gradients.deallocate();
  }
}
