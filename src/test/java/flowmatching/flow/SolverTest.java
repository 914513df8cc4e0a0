package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import flowmatching.Computes;
import flowmatching.failure.RunFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Computes
class SolverTest {
  /** In 64 bits, so that rounding hides no order. */
  private static final INDArray ONES = Nd4j.ones(DataType.DOUBLE, 2, 1, 2, 2);

  /** dx/dt = 2 (1 - t) x, from x = 1: x(t) = e^(2 t - t^2). */
  private static final VelocityField GROWTH = (x, time) -> x.mul(2 * (1 - time));

  private static final double END_OF_GROWTH = Math.E;

  static Stream<Arguments> methods() {
    return Stream.of(
        method("Euler", 1, 1, Euler::new),
        method("midpoint", 2, 2, Midpoint::new),
        method("Heun", 2, 2, Heun::new),
        method("Runge-Kutta 4", 4, 4, RungeKutta4::new),
        method("Dormand-Prince", 5, 7, SolverTest::fixedDormandPrince));
  }

  private static Arguments method(
      String name, int order, int stages, Function<TimeGrid, Solver> solver) {
    return arguments(name, order, stages, solver);
  }

  private static Solver fixedDormandPrince(TimeGrid grid) {
    return (field, start) -> DormandPrince.STEP.follow(field, start, grid);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void theErrorFallsByThePowerOfTheOrder(
      String name, int order, int stages, Function<TimeGrid, Solver> method) {
    double coarse = error(method.apply(TimeGrid.uniform(20)));
    double fine = error(method.apply(TimeGrid.uniform(40)));
    assertThat(Math.log(coarse / fine) / Math.log(2)).isCloseTo(order, within(0.25));
  }

  private static double error(Solver solver) {
    INDArray end = solver.solve(GROWTH, ONES);
    assertThat(end.shape()).containsExactly(ONES.shape());
    return Math.abs(end.meanNumber().doubleValue() - END_OF_GROWTH);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void eachStepHasItsEvaluationsAndTheStartIsLeftAsItIs(
      String name, int order, int stages, Function<TimeGrid, Solver> method) {
    CountedVelocity counted = new CountedVelocity(GROWTH);
    method.apply(TimeGrid.uniform(3)).solve(counted, ONES);
    assertThat(counted.evaluations()).isEqualTo(3 * stages);
    assertThat(ONES.ravel().toDoubleVector()).containsOnly(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void aGridWithShortStepsWhereTheVelocityChangesIsFollowed(
      String name, int order, int stages, Function<TimeGrid, Solver> method) {
    // dx/dt = 1 up to 0.25, then it rises by 8 t: from order 2 on exact where a step ends there.
    VelocityField bend =
        (x, time) -> Nd4j.valueArrayOf(x.shape(), 1 + 8 * Math.max(0, time - 0.25));
    Solver bent = method.apply(new TimeGrid(List.of(0.0, 0.25, 1.0)));
    Solver uniform = method.apply(TimeGrid.uniform(2));
    double exact = 2 + 4 * 0.75 * 0.75;
    if (order > 1) {
      assertThat(bent.solve(bend, ONES).meanNumber().doubleValue()).isCloseTo(exact, within(1e-6));
      assertThat(uniform.solve(bend, ONES).meanNumber().doubleValue())
          .isNotCloseTo(exact, within(1e-3));
    } else {
      assertThat(bent.solve(bend, ONES).meanNumber().doubleValue()).isCloseTo(2, within(1e-6));
    }
  }

  @Test
  void eulerAsksForTheVelocityAtTheStartOfEachStep() {
    // dx/dt = 2 t from 1: the sum over i of 2 i / n^2 is (n - 1) / n.
    INDArray end =
        new Euler(TimeGrid.uniform(4)).solve((x, time) -> Nd4j.onesLike(x).muli(2 * time), ONES);
    assertThat(end.ravel().toDoubleVector()).hasSize(8).containsOnly(1.75);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e-5, 1e-7})
  void dormandPrinceKeepsItsTolerance(double tolerance) {
    CountedVelocity counted = new CountedVelocity(GROWTH);
    INDArray end = new DormandPrince(tolerance, tolerance).solve(counted, ONES);
    // The errors of steps add up.
    assertThat(end.meanNumber().doubleValue()).isCloseTo(END_OF_GROWTH, within(20 * tolerance));
    assertThat(ONES.ravel().toDoubleVector()).containsOnly(1);
  }

  @Test
  void dormandPrinceMakesMoreStepsForASmallerTolerance() {
    assertThat(evaluations(1e-8)).isGreaterThan(2 * evaluations(1e-4));
    // The first velocity, one for the first step's length, then six a step.
    assertThat((evaluations(1e-4) - 2) % 6).isZero();
  }

  private static int evaluations(double tolerance) {
    return evaluations(new DormandPrince(tolerance, tolerance));
  }

  @Test
  void dormandPrinceComputesTheSameEachTime() {
    INDArray start = Nd4j.randn(DataType.FLOAT, 3, 1, 4, 4);
    VelocityField field = (x, time) -> x.mul(-3 * time).addi(time);
    Solver solver = new DormandPrince(1e-4, 1e-4);
    assertThat(solver.solve(field, start)).isEqualTo(solver.solve(field, start));
  }

  @Test
  void dormandPrinceStandsStill() {
    assertThat(new DormandPrince(1e-3, 1e-3).solve((x, time) -> x.mul(0), ONES)).isEqualTo(ONES);
  }

  @ParameterizedTest
  @CsvSource({"NaN, 0.5", "NaN, -1", "NaN, 0", "Infinity, 0.5", "Infinity, -1", "Infinity, 0"})
  void aVelocityThatIsNoNumberEndsDormandPrinceWithASentence(double value, double after) {
    Solver solver = new DormandPrince(1e-3, 1e-3);
    VelocityField broken = (x, time) -> Nd4j.valueArrayOf(x.shape(), time > after ? value : 1);
    assertThatThrownBy(() -> solver.solve(broken, ONES))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("steps shorter than 1.0E-6 at time 0.")
        .hasMessageContaining("larger tolerances");
  }

  static Stream<Arguments> solvers() {
    return Stream.concat(
        methods()
            .map(Arguments::get)
            .map(
                method -> {
                  @SuppressWarnings("unchecked")
                  Function<TimeGrid, Solver> solver = (Function<TimeGrid, Solver>) method[3];
                  return arguments(method[0], solver.apply(TimeGrid.uniform(4)));
                }),
        Stream.of(arguments("adaptive Dormand-Prince", new DormandPrince(1e-6, 1e-6))));
  }

  /** Arrays are outside the heap, where Java does not see how much there is to collect. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("solvers")
  void noArrayIsLeftOfAVelocityThatThrows(String name, Solver solver) {
    for (int evaluations = 0; evaluations < 15; evaluations++) {
      List<INDArray> points = new ArrayList<>();
      List<INDArray> velocities = new ArrayList<>();
      int before = evaluations;
      VelocityField failing =
          (x, time) -> {
            points.add(x);
            if (velocities.size() == before) {
              throw new IllegalStateException("no velocity");
            }
            velocities.add(GROWTH.at(x, time));
            return velocities.get(velocities.size() - 1);
          };
      if (evaluations < evaluations(solver)) {
        assertThatThrownBy(() -> solver.solve(failing, ONES)).hasMessage("no velocity");
        assertThat(points).allMatch(INDArray::wasClosed);
      } else {
        solver.solve(failing, ONES);
      }
      assertThat(velocities).hasSizeLessThanOrEqualTo(evaluations).allMatch(INDArray::wasClosed);
    }
  }

  /** The last stage plays no part in the next x, only in its error. */
  @Test
  void noArrayIsLeftOfAnErrorThatCannotBeEstimated() {
    INDArray start = Nd4j.ones(DataType.FLOAT, 1, 1, 1000, 1000);
    CountedVelocity counted = new CountedVelocity(GROWTH);
    // The first velocity, one for the first step's length, then six a step.
    VelocityField field =
        (x, time) -> {
          INDArray velocity = counted.at(x, time);
          if (counted.evaluations() < 8) {
            return velocity;
          }
          velocity.close();
          return Nd4j.ones(3);
        };
    long before = Nd4j.getEnvironment().getDeviceCouner(0);

    assertThatThrownBy(() -> new DormandPrince(1e-3, 1e-3).solve(field, start))
        .isInstanceOf(RuntimeException.class);
    INDArray broken = Nd4j.ones(3);
    RungeKutta euler = new RungeKutta(new double[][] {{}}, new double[] {1});
    assertThatThrownBy(() -> euler.next(start, 1, List.of(broken)))
        .isInstanceOf(RuntimeException.class);

    assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before)
        .isLessThan(start.length() * Float.BYTES / 2);
  }

  private static int evaluations(Solver solver) {
    CountedVelocity counted = new CountedVelocity(GROWTH);
    solver.solve(counted, ONES);
    return counted.evaluations();
  }

  @Test
  void aStepThatIsTooShortLeavesNoArray() {
    List<INDArray> points = new ArrayList<>();
    assertThatThrownBy(
            () ->
                new DormandPrince(1e-3, 1e-3)
                    .solve(
                        (x, time) -> {
                          points.add(x);
                          return Nd4j.valueArrayOf(x.shape(), Double.NaN);
                        },
                        ONES))
        .isInstanceOf(RunFailure.class);
    assertThat(points).isNotEmpty().allMatch(INDArray::wasClosed);
  }

  @Test
  void timesThatDoNotRiseFromZeroToOneAreRefused() {
    for (List<Double> times :
        List.of(
            List.<Double>of(),
            List.of(0.0),
            List.of(0.0, 0.5),
            List.of(0.1, 1.0),
            List.of(0.0, 0.5, 0.5, 1.0),
            List.of(0.0, Double.NaN, 1.0))) {
      assertThatThrownBy(() -> new TimeGrid(times)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> TimeGrid.uniform(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
