package flowmatching.network.optimiser;

import flowmatching.network.TensorLayout;
import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

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
  public TrainingState {
    slots = new EnumMap<>(slots);
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

  /** The vector of a slot, which the state must have; shared, not copied. */
  public float[] values(Slot slot) {
    return slots.get(slot);
  }

  /** The parameters for sampling: the average if it is kept, else the latest. */
  public float[] best() {
    return slots.getOrDefault(Slot.AVERAGE, values(Slot.PARAMETERS));
  }

  /** A copy with its own vectors. */
  TrainingState copy() {
    return with((slot, values) -> values.clone());
  }

  private TrainingState with(BiFunction<Slot, float[], float[]> change) {
    Map<Slot, float[]> changed = new EnumMap<>(slots);
    changed.replaceAll(change);
    return new TrainingState(layout, changed, step);
  }

  /** A hash of all vectors. Different states are very unlikely to have the same. */
  public int fingerprint() {
    return slots.values().stream().map(Arrays::hashCode).reduce(0, (a, b) -> 31 * a + b);
  }

  /** The mean of states after the same step. The mean of one state is that state itself. */
  public static TrainingState mean(List<TrainingState> states) {
    TrainingState first = states.get(0);
    return states.size() == 1 ? first : first.with((slot, values) -> mean(states, slot));
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
