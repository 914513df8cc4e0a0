package flowmatching.unet;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that goes down along half a cosine, from {@code initial} at the first step to 0
 * after the last (Loshchilov and Hutter 2016, arXiv:1608.03983, without restarts).
 */
public record CosineSchedule(
    @JsonProperty("initial") double initial, @JsonProperty("steps") int steps)
    implements ISchedule {

  @JsonCreator
  public CosineSchedule {}

  @Override
  public double valueAt(int iteration, int epoch) {
    double done = Math.min(1, (double) iteration / steps);
    return initial * (1 + Math.cos(Math.PI * done)) / 2;
  }

  @Override
  public CosineSchedule clone() {
    return this;
  }
}
