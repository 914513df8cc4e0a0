package flowmatching.flow;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The inputs and targets of a training step.
 *
 * @param points x_t on the path, {@code [N, C, H, W]}
 * @param conditions of the network, {@code [N]} each, the time first
 * @param velocities of the path at the points, {@code [N, C, H, W]}: the network's targets
 * @param weights of the images in the loss, {@code [N]}
 */
// Instances are never compared.
@SuppressWarnings("ArrayRecordComponent")
public record Minibatch(
    ImageBatch points, List<Condition> conditions, ImageBatch velocities, float[] weights)
    implements Serializable {
  public Minibatch {
    conditions = List.copyOf(conditions);
  }

  public int images() {
    return points.images();
  }

  /** A copy of images {@code [from, to)}. */
  public Minibatch slice(int from, int to) {
    return new Minibatch(
        points.slice(from, to),
        conditions.stream().map(condition -> condition.slice(from, to)).toList(),
        velocities.slice(from, to),
        Arrays.copyOfRange(weights, from, to));
  }
}
