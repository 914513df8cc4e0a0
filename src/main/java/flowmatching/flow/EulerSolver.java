package flowmatching.flow;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Euler's method on a uniform grid: x_{i+1} = x_i + v(x_i, i / n) / n.
 *
 * @param steps n, at least 1: one evaluation of the velocity each
 */
public record EulerSolver(int steps) implements Solver {
  public EulerSolver {
    if (steps < 1) {
      throw new IllegalArgumentException("A solver needs at least one step, not " + steps);
    }
  }

  @Override
  public INDArray solve(VelocityField field, INDArray start) {
    INDArray x = start.dup('c');
    for (int i = 0; i < steps; i++) {
      try (INDArray velocity = field.at(x, (double) i / steps)) {
        x.addi(velocity.divi(steps));
      }
    }
    return x;
  }
}
