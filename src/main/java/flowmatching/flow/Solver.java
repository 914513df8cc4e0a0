package flowmatching.flow;

/** Solves the ordinary differential equation dx/dt = v(x, t) from t = 0 to t = 1. */
@FunctionalInterface
public interface Solver {
  /**
   * The x at t = 1, {@code [N, C, H, W]}, in its own memory. All images take the same steps.
   *
   * @param field the velocity v
   * @param start x at t = 0, {@code [N, C, H, W]}; not modified
   * @throws flowmatching.base.failure.RunFailure if an adaptive solver cannot keep its tolerance
   */
  ImageBatch solve(VelocityField field, ImageBatch start);
}
