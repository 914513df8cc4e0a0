package flowmatching.network.optimiser;

import flowmatching.network.TensorLayout;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that training changes.
 *
 * @param layout where the tensors are in each vector
 * @param slots the vectors, as long as the layout; shared, not copied
 * @param step steps done: the bias correction of Adam, the learning rate and the warm-up of
 *     averages follow it
 */
public record TrainingState(TensorLayout layout, Map<Slot, float[]> slots, int step)
    implements Serializable {
  /**
   * A state.
   *
   * @throws IllegalArgumentException if a vector has another length than the layout
   */
  public TrainingState {
    slots = new EnumMap<>(slots);
    slots.forEach(
        (slot, values) -> {
          if (values.length != layout.length()) {
            throw new IllegalArgumentException(
                "%d values of %s are not those of %d parameters"
                    .formatted(values.length, slot, layout.length()));
          }
        });
  }

  /**
   * The state before the first step.
   *
   * @param averaged whether averages are kept
   */
  public static TrainingState initial(TensorLayout layout, float[] parameters, boolean averaged) {
    Map<Slot, float[]> slots = new EnumMap<>(Slot.class);
    slots.put(Slot.PARAMETERS, parameters);
    slots.put(Slot.FIRST_MOMENT, new float[parameters.length]);
    slots.put(Slot.SECOND_MOMENT, new float[parameters.length]);
    if (averaged) {
      slots.put(Slot.AVERAGE, parameters.clone());
    }
    return new TrainingState(layout, slots, 0);
  }

  /** Which slots there are. */
  public Set<Slot> names() {
    return slots.keySet();
  }

  /** The vector of a slot, shared. */
  public float[] values(Slot slot) {
    float[] values = slots.get(slot);
    if (values == null) {
      throw new IllegalArgumentException("The state has no " + slot);
    }
    return values;
  }

  /** The parameters that images are drawn with: averaged ones, if averages are kept. */
  public float[] best() {
    return slots.getOrDefault(Slot.AVERAGE, values(Slot.PARAMETERS));
  }

  /** A copy, which steps may change. */
  TrainingState copy() {
    Map<Slot, float[]> copies = new EnumMap<>(Slot.class);
    slots.forEach((slot, values) -> copies.put(slot, values.clone()));
    return new TrainingState(layout, copies, step);
  }

  /** Equal for equal states, and most likely for no others. */
  public int fingerprint() {
    return slots.values().stream().map(Arrays::hashCode).reduce(0, (a, b) -> 31 * a + b);
  }

  /** The mean of states of one step; that of one state is itself. */
  public static TrainingState mean(List<TrainingState> states) {
    TrainingState first = states.get(0);
    if (states.size() == 1) {
      return first;
    }
    Map<Slot, float[]> means = new EnumMap<>(Slot.class);
    first.names().forEach(slot -> means.put(slot, mean(states, slot)));
    return new TrainingState(first.layout(), means, first.step());
  }

  private static float[] mean(List<TrainingState> states, Slot slot) {
    float[] mean = new float[states.get(0).values(slot).length];
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (TrainingState state : states) {
        sum += state.values(slot)[i];
      }
      mean[i] = (float) (sum / states.size());
    }
    return mean;
  }
}
