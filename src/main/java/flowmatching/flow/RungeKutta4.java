package flowmatching.flow;

/** The classic method of Kutta (1901), of order 4: four evaluations per step. */
public record RungeKutta4(TimeGrid grid) implements Solver {
  private static final RungeKutta STEP =
      new RungeKutta(
          new double[][] {{}, {1 / 2.0}, {0, 1 / 2.0}, {0, 0, 1}},
          new double[] {1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0});

  @Override
  public ImageBatch solve(VelocityField field, ImageBatch start) {
    return STEP.follow(field, start, grid);
  }
}
