package flowmatching.flow;

import flowmatching.base.failure.RunFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * The method of Dormand and Prince (1980), of order 5, with step sizes from its error estimate
 * (Hairer, Norsett and Wanner 1993, "Solving Ordinary Differential Equations I", II.4). A step may
 * have an error of absolute + relative |x| per value.
 *
 * @param absolute tolerance per step, in the units of x
 * @param relative tolerance per step, as a share of |x|
 */
public record DormandPrince(double absolute, double relative) implements Solver {
  /** The coefficients of order 5 minus those of order 4. */
  private static final double[] ERROR = {
    71 / 57600.0, 0, -71 / 16695.0, 71 / 1920.0, -17253 / 339200.0, 22 / 525.0, -1 / 40.0
  };

  /** The last stage is the velocity at the end of the step: the next step's first stage. */
  static final RungeKutta STEP =
      new RungeKutta(
          new double[][] {
            {},
            {1 / 5.0},
            {3 / 40.0, 9 / 40.0},
            {44 / 45.0, -56 / 15.0, 32 / 9.0},
            {19372 / 6561.0, -25360 / 2187.0, 64448 / 6561.0, -212 / 729.0},
            {9017 / 3168.0, -355 / 33.0, 46732 / 5247.0, 49 / 176.0, -5103 / 18656.0},
            {35 / 384.0, 0, 500 / 1113.0, 125 / 192.0, -2187 / 6784.0, 11 / 84.0}
          },
          new double[] {35 / 384.0, 0, 500 / 1113.0, 125 / 192.0, -2187 / 6784.0, 11 / 84.0, 0});

  private static final double SAFETY = 0.9;
  private static final double MIN_FACTOR = 0.2;
  private static final double MAX_FACTOR = 10;

  /** Shorter steps change nothing in 32 bits. */
  private static final double MIN_STEP = 1e-6;

  @Override
  public ImageBatch solve(VelocityField field, ImageBatch start) {
    ImageBatch x = start.copy();
    List<ImageBatch> stages = new ArrayList<>(List.of(field.at(x, 0)));
    double time = 0;
    double step = firstStep(field, x, stages.get(0));
    while (time < 1) {
      check(step, time);
      boolean last = step >= 1 - time;
      step = last ? 1 - time : step;
      STEP.evaluate(field, x, time, step, stages);
      ImageBatch next = x.copy();
      RungeKutta.addTo(next, step, STEP.b(), stages);
      double error = error(x, next, step, stages);
      boolean accepted = error <= 1;
      ImageBatch kept = stages.get(accepted ? stages.size() - 1 : 0);
      stages.clear();
      stages.add(kept);
      if (accepted) {
        x = next;
        time = last ? 1 : time + step;
      }
      step *= factor(error, accepted);
    }
    return x;
  }

  private static double factor(double error, boolean accepted) {
    // NaN shortens the step as an infinite error does.
    double wanted = error < Double.POSITIVE_INFINITY ? SAFETY * Math.pow(error, -1 / 5.0) : 0;
    return Math.max(MIN_FACTOR, Math.min(wanted, accepted ? MAX_FACTOR : 1));
  }

  private void check(double step, double time) {
    // Refuses NaN, too.
    if (!(step >= MIN_STEP)) {
      throw new RunFailure(
          "The solver needs steps shorter than %s at time %s for an absolute tolerance of %s and a relative tolerance of %s: give larger tolerances or use a solver with fixed steps. If the model's velocity is infinite or NaN, neither helps."
              .formatted(MIN_STEP, time, absolute, relative));
    }
  }

  /** The starting step size of Hairer, Norsett and Wanner 1993, II.4. */
  private double firstStep(VelocityField field, ImageBatch x, ImageBatch velocity) {
    double size = norm(x, x, x);
    double speed = norm(velocity, x, x);
    double trial = size < 1e-5 || speed < 1e-5 ? 1e-6 : 0.01 * size / speed;
    ImageBatch there = x.copy();
    RungeKutta.addTo(there, trial, new double[] {1}, List.of(velocity));
    ImageBatch difference = field.at(there, trial);
    RungeKutta.addTo(difference, -1, new double[] {1}, List.of(velocity));
    double change = norm(difference, x, x) / trial;
    double fastest = Math.max(speed, change);
    double step = fastest <= 1e-15 ? Math.max(1e-6, trial * 1e-3) : Math.pow(0.01 / fastest, 0.2);
    return Math.min(100 * trial, step);
  }

  private double error(ImageBatch x, ImageBatch next, double step, List<ImageBatch> stages) {
    ImageBatch error = ImageBatch.zeros(x.shape(), x.images());
    RungeKutta.addTo(error, step, ERROR, stages);
    return norm(error, x, next);
  }

  /** The root mean square in units of the tolerance: at most 1 is accepted. */
  private double norm(ImageBatch measured, ImageBatch x, ImageBatch next) {
    double sum = 0;
    for (int i = 0; i < measured.values().length; i++) {
      double larger = Math.max(Math.abs(x.values()[i]), Math.abs(next.values()[i]));
      double ratio = measured.values()[i] / (absolute + relative * larger);
      sum += ratio * ratio;
    }
    return Math.sqrt(sum / measured.values().length);
  }
}
