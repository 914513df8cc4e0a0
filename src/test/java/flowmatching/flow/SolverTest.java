package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.flow.RandomStream.Purpose;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SolverTest {
  private static final ImageShape SHAPE = new ImageShape(1, 32, 32);

  /** Enough different starts that rounding does not hide the order. */
  private static final ImageBatch STARTS = batch(i -> 1 + i / (double) SHAPE.values());

  private static final ImageBatch ONES = batch(i -> 1);

  /** dx/dt = 2 (1 - t) x: x(t) = x(0) e^(2 t - t^2). */
  private static final VelocityField GROWTH = field((x, time) -> 2 * (1 - time) * x);

  private static final double END_OF_GROWTH = Math.E;

  private static ImageBatch batch(DoubleUnaryOperator values) {
    ImageBatch batch = ImageBatch.zeros(SHAPE, 1);
    for (int i = 0; i < batch.values().length; i++) {
      batch.values()[i] = (float) values.applyAsDouble(i);
    }
    return batch;
  }

  /** A velocity per pixel. */
  private interface OfPixel {
    double at(double x, double time);
  }

  private static VelocityField field(OfPixel velocity) {
    return (x, time) -> {
      float[] values = new float[x.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) velocity.at(x.values()[i], time);
      }
      return new ImageBatch(x.shape(), values);
    };
  }

  private static double[] toDoubles(ImageBatch batch) {
    return IntStream.range(0, batch.values().length).mapToDouble(i -> batch.values()[i]).toArray();
  }

  private static double mean(ImageBatch batch) {
    return Arrays.stream(toDoubles(batch)).average().orElseThrow();
  }

  static Stream<Arguments> methods() {
    return Stream.of(
        method("Euler", 1, 1, 40, RungeKutta.EULER),
        method("midpoint", 2, 2, 20, RungeKutta.MIDPOINT),
        method("Heun", 2, 2, 20, RungeKutta.HEUN),
        method("Runge-Kutta 4", 4, 4, 8, RungeKutta.RK4),
        method("Dormand-Prince", 5, 7, 4, DormandPrince.STEP));
  }

  private static Arguments method(
      String name, int order, int stages, int steps, RungeKutta method) {
    return arguments(name, order, stages, steps, method);
  }

  /** In 32 bits the error of order 5 is too small to measure: see {@link #orderConditions}. */
  static Stream<Arguments> methodsWithMeasurableError() {
    return methods().limit(4);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methodsWithMeasurableError")
  void theErrorFallsByTwoToTheOrderIfTheStepIsHalved(
      String name, int order, int stages, int steps, RungeKutta method) {
    double coarse = error(method.on(RungeKutta.equalSteps(steps)));
    double fine = error(method.on(RungeKutta.equalSteps(2 * steps)));
    assertThat(Math.log(coarse / fine) / Math.log(2)).isCloseTo(order, within(0.25));
  }

  /** The error of the ratio of end and start, averaged over all starts. */
  private static double error(Solver solver) {
    ImageBatch end = solver.solve(GROWTH, STARTS);
    double[] starts = toDoubles(STARTS);
    double[] ends = toDoubles(end);
    double ratio =
        IntStream.range(0, ends.length)
            .mapToDouble(i -> ends[i] / starts[i])
            .average()
            .orElseThrow();
    return Math.abs(ratio - END_OF_GROWTH);
  }

  /**
   * The conditions on the coefficients of a method of order 5, one per rooted tree (Butcher 1964):
   * the left side, and the inverse of the right side.
   */
  static Stream<Arguments> orderConditions() {
    RungeKutta method = DormandPrince.STEP;
    double[] c = product(method.a(), i -> 1);
    double[] ac = product(method.a(), i -> c[i]);
    double[] ac2 = product(method.a(), i -> c[i] * c[i]);
    double[] aac = product(method.a(), i -> ac[i]);
    return Stream.of(
        condition("1", i -> 1, 1),
        condition("c", i -> c[i], 2),
        condition("c^2", i -> c[i] * c[i], 3),
        condition("Ac", i -> ac[i], 6),
        condition("c^3", i -> Math.pow(c[i], 3), 4),
        condition("c Ac", i -> c[i] * ac[i], 8),
        condition("Ac^2", i -> ac2[i], 12),
        condition("AAc", i -> aac[i], 24),
        condition("c^4", i -> Math.pow(c[i], 4), 5),
        condition("c^2 Ac", i -> c[i] * c[i] * ac[i], 10),
        condition("Ac Ac", i -> ac[i] * ac[i], 20),
        condition("c Ac^2", i -> c[i] * ac2[i], 15),
        condition("c AAc", i -> c[i] * aac[i], 30),
        condition("Ac^3", product(method, i -> Math.pow(c[i], 3)), 20),
        condition("A(c Ac)", product(method, i -> c[i] * ac[i]), 40),
        condition("AAc^2", product(method, i -> ac2[i]), 60),
        condition("AAAc", product(method, i -> aac[i]), 120));
  }

  private static IntToDoubleFunction product(RungeKutta method, IntToDoubleFunction vector) {
    double[] product = product(method.a(), vector);
    return i -> product[i];
  }

  /** The product of a matrix, whose rows are padded with 0, and a vector. */
  private static double[] product(double[][] a, IntToDoubleFunction vector) {
    return Arrays.stream(a).mapToDouble(row -> sum(row, vector)).toArray();
  }

  private static double sum(double[] row, IntToDoubleFunction vector) {
    return IntStream.range(0, row.length).mapToDouble(i -> row[i] * vector.applyAsDouble(i)).sum();
  }

  private static Arguments condition(String tree, IntToDoubleFunction vector, int inverse) {
    return arguments(tree, vector, inverse);
  }

  @ParameterizedTest(name = "b {0}")
  @MethodSource("orderConditions")
  void dormandPrinceIsOfOrderFive(String tree, IntToDoubleFunction vector, int inverse) {
    assertThat(sum(DormandPrince.STEP.b(), vector)).isCloseTo(1.0 / inverse, within(1e-12));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void aStepEvaluatesEachStageOnceAndTheStartIsNotModified(
      String name, int order, int stages, int steps, RungeKutta method) {
    CountedVelocity counted = new CountedVelocity(GROWTH);
    method.on(RungeKutta.equalSteps(3)).solve(counted, ONES);
    assertThat(counted.evaluations()).isEqualTo(3 * stages);
    assertThat(toDoubles(ONES)).containsOnly(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void theStepsAreThoseOfTheGrid(String name, int order, int stages, int steps, RungeKutta method) {
    // dx/dt = 1 until 0.25, then it rises by 8 per time: exact from order 2 if a step ends there.
    VelocityField bend = field((x, time) -> 1 + 8 * Math.max(0, time - 0.25));
    Solver bent = method.on(List.of(0.0, 0.25, 1.0));
    Solver uniform = method.on(RungeKutta.equalSteps(2));
    double exact = 2 + 4 * 0.75 * 0.75;
    if (order > 1) {
      assertThat(mean(bent.solve(bend, ONES))).isCloseTo(exact, within(1e-6));
      assertThat(mean(uniform.solve(bend, ONES))).isNotCloseTo(exact, within(1e-3));
    } else {
      assertThat(mean(bent.solve(bend, ONES))).isCloseTo(2, within(1e-6));
    }
  }

  @Test
  void eulerEvaluatesTheVelocityAtTheStartOfEachStep() {
    // dx/dt = 2 t from 1: the sum over i of 2 i / n^2 is (n - 1) / n.
    ImageBatch end =
        RungeKutta.EULER.on(RungeKutta.equalSteps(4)).solve(field((x, time) -> 2 * time), ONES);
    assertThat(toDoubles(end)).containsOnly(1.75);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e-4, 1e-5})
  void dormandPrinceKeepsItsTolerance(double tolerance) {
    CountedVelocity counted = new CountedVelocity(GROWTH);
    ImageBatch end = new DormandPrince(tolerance, tolerance).solve(counted, ONES);
    // The errors of steps add up.
    assertThat(mean(end)).isCloseTo(END_OF_GROWTH, within(20 * tolerance));
    assertThat(toDoubles(ONES)).containsOnly(1);
  }

  @Test
  void dormandPrinceTakesMoreStepsForASmallerTolerance() {
    assertThat(evaluations(1e-6)).isGreaterThan(2 * evaluations(1e-2));
    // The first velocity, one for the first step's length, then six per step.
    assertThat((evaluations(1e-4) - 2) % 6).isZero();
  }

  private static int evaluations(double tolerance) {
    CountedVelocity counted = new CountedVelocity(GROWTH);
    new DormandPrince(tolerance, tolerance).solve(counted, ONES);
    return counted.evaluations();
  }

  @Test
  void dormandPrinceIsDeterministic() {
    ImageBatch start = ImageBatch.zeros(SHAPE, 3);
    new RandomStream(1, Purpose.SAMPLE_NOISE, 0, 0)
        .normals(start.values(), 0, start.values().length);
    VelocityField field = field((x, time) -> -3 * time * x + time);
    Solver solver = new DormandPrince(1e-4, 1e-4);
    assertThat(solver.solve(field, start).values()).isEqualTo(solver.solve(field, start).values());
  }

  @Test
  void dormandPrinceSolvesAVelocityOfZero() {
    assertThat(new DormandPrince(1e-3, 1e-3).solve(field((x, time) -> 0), ONES).values())
        .isEqualTo(ONES.values());
  }

  @ParameterizedTest
  @CsvSource({"NaN, 0.5", "NaN, -1", "NaN, 0", "Infinity, 0.5", "Infinity, -1", "Infinity, 0"})
  void dormandPrinceRefusesAVelocityThatIsNotFinite(double value, double after) {
    Solver solver = new DormandPrince(1e-3, 1e-3);
    VelocityField broken = field((x, time) -> time > after ? value : 1);
    assertThatThrownBy(() -> solver.solve(broken, ONES))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("steps shorter than 1.0E-6 at time 0.")
        .hasMessageContaining("larger tolerances");
  }
}
