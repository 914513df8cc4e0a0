package flowmatching.network.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.network.TensorLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamTest {
  @Test
  void theFirstStepIsTheGradientDividedByItsSizePlusEpsilon() {
    TrainingState start = start(3);
    new Adam(LearningRate.constant(1e-3)).step(start, new float[] {2f, -1e-8f, 0f}, 1);
    assertThat(start.values(Slot.PARAMETERS))
        .containsExactly(new float[] {-1e-3f, 5e-4f, 0}, within(1e-8f));
  }

  @Test
  void epsilonIsTheSameInEachStep() {
    // The corrected moments of a constant gradient have its size.
    TrainingState state = start(1);
    Adam adam = new Adam(LearningRate.constant(1e-3));
    for (int step = 0; step < 50; step++) {
      float before = state.values(Slot.PARAMETERS)[0];
      state = adam.step(state, new float[] {1e-8f}, 1);
      assertThat(before - state.values(Slot.PARAMETERS)[0]).isCloseTo(5e-4f, within(1e-7f));
    }
    assertThat(state.step()).isEqualTo(50);
  }

  @Test
  void theGradientIsDividedByTheNumberOfImages() {
    TrainingState one = start(1);
    TrainingState four = start(1);
    Adam adam = new Adam(LearningRate.constant(1e-3));
    adam.step(one, new float[] {3e-8f}, 1);
    adam.step(four, new float[] {12e-8f}, 4);
    assertThat(four.values(Slot.PARAMETERS)).isEqualTo(one.values(Slot.PARAMETERS));
    assertThat(four.values(Slot.FIRST_MOMENT)[0]).isCloseTo(3e-9f, within(1e-14f));
  }

  @Test
  void theLearningRateIsThatOfTheStep() {
    TrainingState state = start(1);
    Adam adam = new Adam(step -> step == 0 ? 1e-3 : 1e-5);
    state = adam.step(state, new float[] {1}, 1);
    assertThat(state.values(Slot.PARAMETERS)[0]).isCloseTo(-1e-3f, within(1e-9f));
    state = adam.step(state, new float[] {1}, 1);
    assertThat(state.values(Slot.PARAMETERS)[0]).isCloseTo(-1.01e-3f, within(1e-9f));
  }

  @Test
  void aCosineFallsToZero() {
    LearningRate rate = LearningRate.cosine(0.5, 10);
    assertThat(rate.at(0)).isEqualTo(0.5);
    assertThat(rate.at(5)).isCloseTo(0.25, within(1e-12));
    assertThat(rate.at(10)).isCloseTo(0, within(1e-12));
    assertThat(rate.at(11)).isCloseTo(0, within(1e-12));
  }

  private static TrainingState start(int parameters) {
    TensorLayout layout = TensorLayout.of(Map.of("a", List.of((long) parameters)));
    return TrainingState.initial(layout, new float[parameters], false);
  }
}
