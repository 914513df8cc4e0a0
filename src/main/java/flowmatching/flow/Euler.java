package flowmatching.flow;

/** Euler's method, of order 1: one evaluation of the velocity per step, at its start. */
public record Euler(TimeGrid grid) implements Solver {
  private static final RungeKutta STEP = new RungeKutta(new double[][] {{}}, new double[] {1});

  @Override
  public ImageBatch solve(VelocityField field, ImageBatch start) {
    return STEP.follow(field, start, grid);
  }
}
