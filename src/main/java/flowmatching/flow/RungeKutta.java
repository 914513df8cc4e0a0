package flowmatching.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of an explicit Runge-Kutta method, from its coefficients (Butcher 1964): k_i = v(x + h
 * sum_j a_ij k_j, t + h sum_j a_ij), and x + h sum_i b_i k_i is the next x.
 */
final class RungeKutta {
  private final double[][] a;
  private final double[] b;

  /**
   * A method.
   *
   * @param a a row a stage, of as many coefficients as there are stages before it
   * @param b a coefficient a stage
   */
  RungeKutta(double[][] a, double[] b) {
    this.a = a;
    this.b = b;
  }

  /** Follows a velocity with the steps of a grid. */
  INDArray follow(VelocityField field, INDArray start, TimeGrid grid) {
    INDArray x = start.dup('c');
    try {
      for (int step = 0; step < grid.steps(); step++) {
        make(field, x, grid.start(step), grid.length(step));
      }
      return x;
    } catch (RuntimeException | Error e) {
      x.close();
      throw e;
    }
  }

  private void make(VelocityField field, INDArray x, double time, double step) {
    List<INDArray> stages = new ArrayList<>();
    try {
      evaluate(field, x, time, step, stages);
      addTo(x, step, b, stages);
    } finally {
      stages.forEach(INDArray::close);
    }
  }

  /** Adds the stages that are not there yet to those that are, which an earlier step has left. */
  void evaluate(VelocityField field, INDArray x, double time, double step, List<INDArray> stages) {
    for (int i = stages.size(); i < a.length; i++) {
      try (INDArray inner = x.dup('c')) {
        addTo(inner, step, a[i], stages);
        stages.add(field.at(inner, time + step * DoubleStream.of(a[i]).sum()));
      }
    }
  }

  /** The x that a step leads to. */
  INDArray next(INDArray x, double step, List<INDArray> stages) {
    INDArray next = x.dup('c');
    try {
      addTo(next, step, b, stages);
      return next;
    } catch (RuntimeException | Error e) {
      next.close();
      throw e;
    }
  }

  /** x += factor sum_i c_i k_i. */
  static void addTo(INDArray x, double factor, double[] coefficients, List<INDArray> stages) {
    for (int i = 0; i < coefficients.length; i++) {
      if (coefficients[i] != 0) {
        try (INDArray scaled = stages.get(i).mul(factor * coefficients[i])) {
          x.addi(scaled);
        }
      }
    }
  }
}
