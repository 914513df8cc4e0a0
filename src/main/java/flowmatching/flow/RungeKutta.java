package flowmatching.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * An explicit Runge-Kutta method (Butcher 1964): with stages k_i = v(x + h sum_j a_ij k_j, t + h
 * sum_j a_ij), a step of length h ends at x + h sum_i b_i k_i.
 *
 * @param a a row per stage, with a coefficient per earlier stage
 * @param b a coefficient per stage
 */
// Instances are never compared.
@SuppressWarnings("ArrayRecordComponent")
public record RungeKutta(double[][] a, double[] b) {
  /** Of order 1: the velocity at the start of a step. */
  public static final RungeKutta EULER = new RungeKutta(new double[][] {{}}, new double[] {1});

  /** Of order 2 (Runge 1895): the velocity in the middle of a step. */
  public static final RungeKutta MIDPOINT =
      new RungeKutta(new double[][] {{}, {1 / 2.0}}, new double[] {0, 1});

  /** Of order 2 (Heun 1900): the mean of the velocities at both ends of a step. */
  public static final RungeKutta HEUN =
      new RungeKutta(new double[][] {{}, {1}}, new double[] {1 / 2.0, 1 / 2.0});

  /** The classic method of order 4 (Kutta 1901). */
  public static final RungeKutta RK4 =
      new RungeKutta(
          new double[][] {{}, {1 / 2.0}, {0, 1 / 2.0}, {0, 0, 1}},
          new double[] {1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0});

  /** The ends of n steps of the same length: times i / n. */
  public static List<Double> equalSteps(int steps) {
    return IntStream.rangeClosed(0, steps).mapToObj(i -> (double) i / steps).toList();
  }

  /**
   * The solver with fixed steps.
   *
   * @param times the ends of the steps, increasing from 0 to 1
   */
  public Solver on(List<Double> times) {
    return (field, start) -> {
      ImageBatch x = start.copy();
      for (int step = 1; step < times.size(); step++) {
        double time = times.get(step - 1);
        double length = times.get(step) - time;
        List<ImageBatch> stages = new ArrayList<>();
        evaluate(field, x, time, length, stages);
        addTo(x, length, b, stages);
      }
      return x;
    };
  }

  /** Appends the stages k_i that are not yet in the list. */
  void evaluate(
      VelocityField field, ImageBatch x, double time, double step, List<ImageBatch> stages) {
    for (int i = stages.size(); i < a.length; i++) {
      ImageBatch inner = x.copy();
      addTo(inner, step, a[i], stages);
      stages.add(field.at(inner, time + step * DoubleStream.of(a[i]).sum()));
    }
  }

  /** x += factor sum_i c_i k_i, term by term, in 32 bits. */
  static void addTo(ImageBatch x, double factor, double[] coefficients, List<ImageBatch> stages) {
    float[] sum = x.values();
    for (int i = 0; i < coefficients.length; i++) {
      float scale = (float) (factor * coefficients[i]);
      if (scale != 0) {
        float[] stage = stages.get(i).values();
        for (int j = 0; j < sum.length; j++) {
          sum[j] += scale * stage[j];
        }
      }
    }
  }
}
