package flowmatching.network.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import flowmatching.RandomBatches;
import flowmatching.flow.Minibatch;
import flowmatching.means.model.TinyModel;
import flowmatching.network.Network;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Computes
class TrainingStepTest {
  private static final Adam ADAM = new Adam(LearningRate.constant(1e-3));

  private final Network network = TinyModel.network(1, 1);
  private final Minibatch minibatch = RandomBatches.minibatch(TinyModel.settings(1).image(), 8, 1);

  @AfterEach
  void close() {
    network.close();
  }

  private TrainingState start(boolean averaged) {
    return TrainingState.initial(network.layout(), TinyModel.parameters(1, 1), averaged);
  }

  @Test
  void theNetworkLearnsAndHasTheParametersOfTheState() {
    TrainingStep steps = new TrainingStep(network, ADAM, ExponentialAverage.NONE, start(false));
    double first = steps.make(minibatch, gradient -> {});
    double last = first;
    for (int i = 0; i < 10; i++) {
      last = steps.make(minibatch, gradient -> {});
    }
    assertThat(last).isLessThan(first);
    assertThat(steps.state().step()).isEqualTo(11);
    assertThat(network.parameters()).isEqualTo(steps.state().values(Slot.PARAMETERS));
    assertThat(steps.state().best()).isEqualTo(steps.state().values(Slot.PARAMETERS));
  }

  @Test
  void theInitialStateIsNotModified() {
    TrainingState start = start(true);
    int before = start.fingerprint();
    new TrainingStep(network, ADAM, new ExponentialAverage(0.9), start)
        .make(minibatch, gradient -> {});
    assertThat(start.fingerprint()).isEqualTo(before);
  }

  @Test
  void theOptimiserUsesTheExchangedGradient() {
    TrainingStep steps = new TrainingStep(network, ADAM, ExponentialAverage.NONE, start(false));
    steps.make(minibatch, gradient -> Arrays.fill(gradient, 0));
    assertThat(network.parameters()).isEqualTo(TinyModel.parameters(1, 1));
  }

  @Test
  void theAverageFollowsTheParametersAndDoesNotChangeThem() {
    TrainingStep plain = new TrainingStep(network, ADAM, ExponentialAverage.NONE, start(false));
    plain.make(minibatch, gradient -> {});
    plain.make(minibatch, gradient -> {});
    TrainingStep averaged =
        new TrainingStep(network, ADAM, new ExponentialAverage(0.9), start(true));
    averaged.make(minibatch, gradient -> {});
    float[] afterOne = averaged.state().values(Slot.PARAMETERS).clone();
    averaged.make(minibatch, gradient -> {});

    TrainingState state = averaged.state();
    float[] parameters = state.values(Slot.PARAMETERS);
    assertThat(parameters).isEqualTo(plain.state().values(Slot.PARAMETERS));
    float[] start = TinyModel.parameters(1, 1);
    for (int i = 0; i < parameters.length; i++) {
      // The warm-up's decays are 1/10 and 2/11.
      double first = start[i] / 10.0 + afterOne[i] * 0.9;
      assertThat((double) state.best()[i])
          .isCloseTo(first * 2 / 11 + parameters[i] * 9.0 / 11, within(1e-6));
    }
  }
}
