package flowmatching.flow;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What the velocity of an image depends on beside the image.
 *
 * @param name of the condition, which a network knows it by
 * @param values one for each image of a batch, {@code [N]}; shared, not copied
 */
// On its way to a network; compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
public record Condition(String name, float[] values) implements Serializable {
  /** The name of the time, the first condition of every network. */
  public static final String TIME = "time";

  /** The time of each image, in [0, 1]. */
  public static Condition time(float[] times) {
    return new Condition(TIME, times);
  }

  /** The same time for all images of a batch. */
  public static Condition time(double time, int images) {
    float[] times = new float[images];
    Arrays.fill(times, (float) time);
    return time(times);
  }

  /** A copy of the values of the images from one, inclusive, to another, exclusive. */
  public Condition slice(int from, int to) {
    return new Condition(name, Arrays.copyOfRange(values, from, to));
  }
}
