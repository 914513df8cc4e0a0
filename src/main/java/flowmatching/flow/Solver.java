package flowmatching.flow;

/** Follows dx/dt = v(x, t) from t = 0 to t = 1. */
@FunctionalInterface
public interface Solver {
  /**
   * Solves the equation for a group of images.
   *
   * @param start x at t = 0, {@code [N, C, H, W]}, left as it is
   * @return x at t = 1, {@code [N, C, H, W]}
   */
  ImageBatch solve(VelocityField field, ImageBatch start);
}
