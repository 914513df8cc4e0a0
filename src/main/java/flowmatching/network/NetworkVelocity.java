package flowmatching.network;

import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.VelocityField;
import java.util.List;

/** The velocity that a network predicts with the time as its only condition. */
public record NetworkVelocity(Network network) implements VelocityField {
  @Override
  public ImageBatch at(ImageBatch x, double time) {
    return network.velocity(x, List.of(Condition.time(time, x.images())));
  }
}
