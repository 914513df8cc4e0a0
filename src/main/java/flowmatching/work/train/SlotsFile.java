package flowmatching.work.train;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.means.model.LayoutTensors;
import flowmatching.network.TensorLayout;
import flowmatching.network.TensorLayout.Tensor;
import flowmatching.network.optimiser.Slot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Slots of a training state as a safetensors file. Each tensor has the name and layout of its
 * parameter, after the slot's prefix, so that the file does not depend on the order of parameters
 * in the vectors.
 */
final class SlotsFile {
  /** Every checkpoint has them beside the model. */
  private static final List<Slot> REQUIRED = List.of(Slot.FIRST_MOMENT, Slot.SECOND_MOMENT);

  private SlotsFile() {}

  static byte[] write(TensorLayout layout, Map<Slot, float[]> slots) {
    List<NamedTensor> tensors = new ArrayList<>();
    slots.forEach((slot, vector) -> tensors.addAll(LayoutTensors.of(layout, prefix(slot), vector)));
    return SafeTensors.write(tensors, Map.of());
  }

  private static String prefix(Slot slot) {
    return slot.tensorPrefix() + ".";
  }

  /**
   * The slots of a file; its path is for messages.
   *
   * @throws DataFailure if the tensors are not those of the layout, or a value is infinite or NaN,
   *     or a second moment is negative
   */
  static Map<Slot, float[]> read(byte[] file, TensorLayout layout, String origin) {
    Map<String, NamedTensor> tensors = new HashMap<>(SafeTensors.read(file, origin));
    Map<Slot, float[]> slots = new EnumMap<>(Slot.class);
    for (Slot slot : Slot.values()) {
      String prefix = prefix(slot);
      if (REQUIRED.contains(slot)
          || tensors.keySet().stream().anyMatch(name -> name.startsWith(prefix))) {
        check(layout, slot, tensors, origin);
        slots.put(slot, LayoutTensors.vector(layout, prefix, tensors));
        layout.tensors().forEach(tensor -> tensors.remove(prefix + tensor.name()));
      }
    }
    if (!tensors.isEmpty()) {
      throw notOfThisNetwork(origin);
    }
    return slots;
  }

  private static void check(
      TensorLayout layout, Slot slot, Map<String, NamedTensor> tensors, String origin) {
    for (Tensor expected : layout.tensors()) {
      NamedTensor tensor = tensors.get(prefix(slot) + expected.name());
      if (tensor == null || !tensor.shape().equals(expected.shape())) {
        throw notOfThisNetwork(origin);
      }
      for (float value : tensor.values()) {
        // The second moment is a mean of squares.
        if (!Float.isFinite(value) || (value < 0 && slot == Slot.SECOND_MOMENT)) {
          throw new DataFailure(
              "%s is damaged: a value of tensor '%s' is %s"
                  .formatted(origin, tensor.name(), value));
        }
      }
    }
  }

  private static DataFailure notOfThisNetwork(String origin) {
    return new DataFailure(origin + " is not the optimiser state of this network");
  }
}
