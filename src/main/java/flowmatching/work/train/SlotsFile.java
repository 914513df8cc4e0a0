package flowmatching.work.train;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.means.model.LayoutTensors;
import flowmatching.network.TensorLayout;
import flowmatching.network.TensorLayout.Tensor;
import flowmatching.network.optimiser.Slot;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Slots of a training state as a safetensors file. Each tensor has the name and layout of its
 * parameter, after the slot's prefix, so that the file does not depend on the order of parameters
 * in the vectors.
 */
final class SlotsFile {
  private SlotsFile() {}

  /** The slots as a file. */
  static byte[] write(TensorLayout layout, Map<Slot, float[]> slots) {
    List<NamedTensor> tensors =
        slots.entrySet().stream()
            .flatMap(
                slot -> LayoutTensors.of(layout, prefix(slot.getKey()), slot.getValue()).stream())
            .toList();
    return SafeTensors.write(tensors, Map.of());
  }

  private static String prefix(Slot slot) {
    return slot.tensorPrefix() + ".";
  }

  /**
   * The slots of a file.
   *
   * @param required slots; the file may have others
   * @param origin the file's path, for messages
   * @throws DataFailure if the tensors are not those of the layout, or a value is infinite or NaN,
   *     or a second moment is negative
   */
  static Map<Slot, float[]> read(
      byte[] file, TensorLayout layout, List<Slot> required, String origin) {
    Map<String, NamedTensor> tensors = new HashMap<>(SafeTensors.read(file, origin));
    Map<Slot, float[]> slots = new EnumMap<>(Slot.class);
    for (Slot slot : Slot.values()) {
      if (required.contains(slot) || tensors.keySet().stream().anyMatch(isOf(slot))) {
        check(layout, slot, tensors, origin);
        slots.put(slot, LayoutTensors.vector(layout, prefix(slot), tensors));
        tensors.keySet().removeIf(isOf(slot));
      }
    }
    if (!tensors.isEmpty()) {
      throw notOfThisNetwork(origin);
    }
    return slots;
  }

  private static Predicate<String> isOf(Slot slot) {
    return name -> name.startsWith(prefix(slot));
  }

  private static void check(
      TensorLayout layout, Slot slot, Map<String, NamedTensor> tensors, String origin) {
    if (tensors.keySet().stream().filter(isOf(slot)).count() != layout.tensors().size()) {
      throw notOfThisNetwork(origin);
    }
    for (Tensor expected : layout.tensors()) {
      NamedTensor tensor = tensors.get(prefix(slot) + expected.name());
      if (tensor == null || !tensor.hasShape(expected.shape())) {
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
