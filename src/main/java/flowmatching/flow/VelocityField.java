package flowmatching.flow;

/** A velocity dx/dt = v(x, t). */
@FunctionalInterface
public interface VelocityField {
  /**
   * v(x, t), {@code [N, C, H, W]}, in its own memory: the caller may change it.
   *
   * @param x {@code [N, C, H, W]}; not modified
   * @param time t in [0, 1], the same for all images
   */
  ImageBatch at(ImageBatch x, double time);
}
