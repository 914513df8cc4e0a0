package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

@Computes
class PyTorchAdamTest {
  @Test
  void theFirstStepIsTheGradientOverItsSizePlusEpsilon() {
    INDArray step = Nd4j.createFromArray(2f, -1e-8f, 0f);
    new PyTorchAdam(1e-3).instantiate(Nd4j.zeros(6), true).applyUpdater(step, 0, 0);
    assertThat(step.toFloatVector()).containsExactly(new float[] {1e-3f, -5e-4f, 0}, within(1e-8f));
  }

  @Test
  void epsilonIsTheSameInEachStep() {
    // A gradient that stays has moments of its own size, once corrected.
    var updater = new PyTorchAdam(1e-3).instantiate(Nd4j.zeros(2), true);
    for (int iteration = 0; iteration < 50; iteration++) {
      INDArray step = Nd4j.createFromArray(1e-8f);
      updater.applyUpdater(step, iteration, 0);
      assertThat(step.getFloat(0)).isCloseTo(5e-4f, within(1e-7f));
    }
  }

  @Test
  void theLearningRateFollowsItsSchedule() {
    var rates = new MapSchedule(ScheduleType.ITERATION, Map.of(0, 1e-3, 1, 1e-5));
    var updater = new PyTorchAdam(rates).clone().instantiate(Nd4j.zeros(2), true);
    INDArray first = Nd4j.createFromArray(1f);
    INDArray second = Nd4j.createFromArray(1f);
    updater.applyUpdater(first, 0, 0);
    updater.applyUpdater(second, 1, 0);
    assertThat(first.getFloat(0)).isCloseTo(1e-3f, within(1e-9f));
    assertThat(second.getFloat(0)).isCloseTo(1e-5f, within(1e-9f));
  }

  @Test
  void isNotDl4jsAdam() {
    assertThat(new PyTorchAdam(0.1)).isEqualTo(new PyTorchAdam(0.1).clone());
    assertThat(new PyTorchAdam(0.1)).isNotEqualTo(new PyTorchAdam(0.2));
    assertThat(new PyTorchAdam(0.1).equals(new Adam(0.1))).isFalse();
    assertThat(new Adam(0.1).equals(new PyTorchAdam(0.1))).isFalse();
  }
}
