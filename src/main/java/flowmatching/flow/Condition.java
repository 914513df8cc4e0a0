package flowmatching.flow;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * An input of a network besides the image, such as the time.
 *
 * @param name the name by which the network knows the condition
 * @param values one per image, {@code [N]}; shared, not copied
 */
// Instances are never compared.
@SuppressWarnings("ArrayRecordComponent")
public record Condition(String name, float[] values) implements Serializable {
  /** The name of the time, the first condition of every network. */
  public static final String TIME = "time";

  /** The time t of each image, {@code [N]}, in [0, 1]. */
  public static Condition time(float[] times) {
    return new Condition(TIME, times);
  }

  /** The same time t in [0, 1] for all images of a batch. */
  public static Condition time(double time, int images) {
    float[] times = new float[images];
    Arrays.fill(times, (float) time);
    return time(times);
  }

  /**
   * The times of conditions for a network without others, {@code [N]}.
   *
   * @throws IllegalArgumentException if there are other conditions, or no time
   */
  public static float[] onlyTime(List<Condition> conditions) {
    if (conditions.size() != 1 || !conditions.get(0).name.equals(TIME)) {
      throw new IllegalArgumentException(
          "The network's only condition is the time, and it was given "
              + conditions.stream().map(Condition::name).toList());
    }
    return conditions.get(0).values;
  }

  /** A copy of the values of images {@code [from, to)}. */
  public Condition slice(int from, int to) {
    return new Condition(name, Arrays.copyOfRange(values, from, to));
  }
}
