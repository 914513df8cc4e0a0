package flowmatching.flow;

/** Heun's method (1900), of order 2: the mean of the velocities at both ends of a step. */
public record Heun(TimeGrid grid) implements Solver {
  private static final RungeKutta STEP =
      new RungeKutta(new double[][] {{}, {1}}, new double[] {1 / 2.0, 1 / 2.0});

  @Override
  public ImageBatch solve(VelocityField field, ImageBatch start) {
    return STEP.follow(field, start, grid);
  }
}
