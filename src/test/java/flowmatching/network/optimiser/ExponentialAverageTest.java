package flowmatching.network.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ExponentialAverageTest {
  @Test
  void theDecayRisesToItsMaximum() {
    ExponentialAverage average = new ExponentialAverage(0.99);
    assertThat(average.at(0)).isEqualTo(0.1);
    assertThat(average.at(1)).isCloseTo(2 / 11.0, within(1e-12));
    assertThat(average.at(889)).isLessThan(0.99);
    assertThat(average.at(890)).isCloseTo(0.99, within(1e-12));
    assertThat(average.at(100_000)).isEqualTo(0.99);
  }

  @Test
  void aStepMovesTheAverageTowardsTheParameters() {
    float[] values = {10, -10};
    new ExponentialAverage(0.75).add(1_000, new float[] {2, 2}, values);
    assertThat(values).containsExactly(8, -7);
  }

  @Test
  void aDecayOfZeroKeepsNoAverage() {
    assertThat(ExponentialAverage.NONE.isKept()).isFalse();
    assertThat(new ExponentialAverage(0.5).isKept()).isTrue();
  }
}
