package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class EulerSolverTest {
  private static final INDArray ONES = Nd4j.ones(2, 1, 2, 2);

  @Test
  void theErrorHalvesWhereTheStepsDouble() {
    assertThat(errorOfGrowth(64) / errorOfGrowth(128)).isCloseTo(2, within(0.05));
    assertThat(errorOfGrowth(128) / errorOfGrowth(256)).isCloseTo(2, within(0.05));
  }

  /** dx/dt = x from 1 ends at e. */
  private static double errorOfGrowth(int steps) {
    INDArray end = new EulerSolver(steps).solve((x, time) -> x.dup(), ONES);
    assertThat(end.shape()).containsExactly(ONES.shape());
    return Math.E - end.meanNumber().doubleValue();
  }

  @Test
  void theVelocityIsAskedForAtTheStartOfEachStep() {
    // dx/dt = 2 t from 1: the sum over i of 2 i / n^2 is (n - 1) / n.
    INDArray end = new EulerSolver(4).solve((x, time) -> Nd4j.onesLike(x).muli(2 * time), ONES);
    assertThat(end.ravel().toFloatVector()).hasSize(8).containsOnly(1.75f);
  }

  @Test
  void theStartIsLeftAsItIs() {
    new EulerSolver(3).solve((x, time) -> x.dup(), ONES);
    assertThat(ONES.ravel().toFloatVector()).containsOnly(1);
  }

  @Test
  void noStepsAreRefused() {
    assertThatThrownBy(() -> new EulerSolver(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A solver needs at least one step, not 0");
  }
}
