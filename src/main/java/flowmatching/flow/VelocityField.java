package flowmatching.flow;

/** dx/dt as a function of x and t. */
@FunctionalInterface
public interface VelocityField {
  /**
   * The velocity at a point and time.
   *
   * @param x {@code [N, C, H, W]}, left as it is
   * @param time in [0, 1], the same for all of x
   * @return the velocity, {@code [N, C, H, W]}, in memory of its own
   */
  ImageBatch at(ImageBatch x, double time);
}
