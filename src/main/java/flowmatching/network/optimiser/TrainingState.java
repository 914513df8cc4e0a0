package flowmatching.network.optimiser;

import flowmatching.network.TensorLayout;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that training changes.
 *
 * @param layout of each vector
 * @param slots the vectors, each as long as the layout; shared, not copied
 * @param step number of steps done; Adam's bias correction, the learning rate and the average's
 *     warm-up depend on it
 */
public record TrainingState(TensorLayout layout, Map<Slot, float[]> slots, int step)
    implements Serializable {
  /**
   * A state.
   *
   * @throws IllegalArgumentException if a vector is longer or shorter than the layout
   */
  public TrainingState {
    slots = new EnumMap<>(slots);
    slots.forEach(
        (slot, values) -> {
          if (values.length != layout.length()) {
            throw new IllegalArgumentException(
                "%s has %d values for %d parameters"
                    .formatted(slot, values.length, layout.length()));
          }
        });
  }

  /**
   * The state before the first step: moments of zero, and the average equal to the parameters.
   *
   * @param parameters become the state's vector; not copied
   * @param averaged whether to keep an average
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

  /** The slots of this state. */
  public Set<Slot> names() {
    return slots.keySet();
  }

  /**
   * The vector of a slot; shared, not copied.
   *
   * @throws IllegalArgumentException if the state does not have the slot
   */
  public float[] values(Slot slot) {
    float[] values = slots.get(slot);
    if (values == null) {
      throw new IllegalArgumentException("The state has no " + slot);
    }
    return values;
  }

  /** The parameters for sampling: the average if it is kept, else the latest. */
  public float[] best() {
    return slots.getOrDefault(Slot.AVERAGE, values(Slot.PARAMETERS));
  }

  /** A copy with its own vectors. */
  TrainingState copy() {
    Map<Slot, float[]> copies = new EnumMap<>(Slot.class);
    slots.forEach((slot, values) -> copies.put(slot, values.clone()));
    return new TrainingState(layout, copies, step);
  }

  /** A hash of all vectors. Different states are very unlikely to have the same. */
  public int fingerprint() {
    return slots.values().stream().map(Arrays::hashCode).reduce(0, (a, b) -> 31 * a + b);
  }

  /** The mean of states after the same step. The mean of one state is that state itself. */
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
