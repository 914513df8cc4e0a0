package flowmatching.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A step of an explicit Runge-Kutta method (Butcher 1964): with stages k_i = v(x + h sum_j a_ij
 * k_j, t + h sum_j a_ij), the next x is x + h sum_i b_i k_i.
 *
 * @param a a row per stage, with a coefficient per earlier stage
 * @param b a coefficient per stage
 */
// Instances are never compared.
@SuppressWarnings("ArrayRecordComponent")
record RungeKutta(double[][] a, double[] b) {

  /** Follows a velocity along the steps of a grid. */
  ImageBatch follow(VelocityField field, ImageBatch start, TimeGrid grid) {
    ImageBatch x = start.copy();
    for (int step = 0; step < grid.steps(); step++) {
      List<ImageBatch> stages = new ArrayList<>();
      evaluate(field, x, grid.start(step), grid.length(step), stages);
      addTo(x, grid.length(step), b, stages);
    }
    return x;
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

  /** The x at the end of a step. */
  ImageBatch next(ImageBatch x, double step, List<ImageBatch> stages) {
    ImageBatch next = x.copy();
    addTo(next, step, b, stages);
    return next;
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
