package flowmatching.network.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.memory;

/** The arguments of a primitive. */
final class Arguments {
  private final IntMemoryMap map = new IntMemoryMap();
  private final List<Tensor> tensors = new ArrayList<>();

  Arguments with(int name, Tensor tensor) {
    return with(name, tensor, tensor.memory());
  }

  /** A view of a tensor. */
  Arguments with(int name, Tensor tensor, memory view) {
    tensors.add(tensor);
    return with(name, view);
  }

  /** Memory that belongs to no plan. */
  Arguments with(int name, memory values) {
    map.put(name, values);
    return this;
  }

  /** Says which tensors arguments that are given as memory belong to. */
  Arguments in(Tensor... holders) {
    tensors.addAll(List.of(holders));
    return this;
  }

  IntMemoryMap map() {
    return map;
  }

  List<Tensor> tensors() {
    return tensors;
  }
}
