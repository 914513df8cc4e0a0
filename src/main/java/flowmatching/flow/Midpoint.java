package flowmatching.flow;

/**
 * The midpoint method (Runge 1895), of order 2: two evaluations per step, at its start and its
 * middle; x moves by the velocity at the middle.
 */
public record Midpoint(TimeGrid grid) implements Solver {
  private static final RungeKutta STEP =
      new RungeKutta(new double[][] {{}, {1 / 2.0}}, new double[] {0, 1});

  @Override
  public ImageBatch solve(VelocityField field, ImageBatch start) {
    return STEP.follow(field, start, grid);
  }
}
