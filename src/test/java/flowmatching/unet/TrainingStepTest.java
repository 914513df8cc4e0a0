package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

@Computes
class TrainingStepTest {
  private static final ModelSettings SETTINGS =
      new ModelSettings(
          new ImageShape(1, 8, 8),
          List.of(8, 16),
          List.of(16, 8),
          16,
          List.of(true),
          List.of(true),
          4,
          8);

  private final ComputationGraph network = network(new PyTorchAdam(1e-3));
  private final ComputationGraph other = network(new PyTorchAdam(1e-3));

  @Test
  void aMinibatchOfOnePieceIsDl4jsStep() {
    TrainingStep step = new TrainingStep(new NetworkCopies(network, 1));
    for (int i = 0; i < 3; i++) {
      MultiDataSet minibatch = minibatch(20, i);
      other.fit(minibatch);
      assertThat(step.make(minibatch, gradient -> {})).isEqualTo(other.score());
    }
    assertThat(NetworkState.of(network))
        .usingRecursiveComparison()
        .isEqualTo(NetworkState.of(other));
  }

  /**
   * With 65 images and one thread, the last piece is one image; with 2 and 3, a thread has none.
   */
  @ParameterizedTest
  @CsvSource({"65, 1", "150, 1", "2, 3", "64, 2", "200, 3"})
  void aStepInPiecesIsDl4jsStepOfTheWhole(int images, int threads) {
    ComputationGraph inPieces = network(new Sgd(1));
    ComputationGraph whole = network(new Sgd(1));
    INDArray before = whole.params().dup();
    MultiDataSet minibatch = minibatch(images, 1);
    double loss;
    try (NetworkCopies copies = new NetworkCopies(inPieces, threads)) {
      loss = new TrainingStep(copies).make(minibatch, gradient -> {});
    }
    whole.fit(minibatch);

    assertThat(loss).isCloseTo(whole.score(), within(1e-5 * loss));
    double step = before.distance2(whole.params());
    assertThat(inPieces.params().distance2(whole.params())).isLessThan(1e-5 * step);
  }

  @Test
  void aLossWithoutAStepIsDl4jsScore() {
    MultiDataSet minibatch = minibatch(20, 1);
    double score = network.score(minibatch, false);
    assertThat(NetworkLoss.of(network, minibatch)).isCloseTo(score, within(1e-6 * score));
  }

  @Test
  void whatBecomesOfTheGradientIsWhatTheOptimiserHas() {
    INDArray before = network.params().dup();
    new TrainingStep(new NetworkCopies(network, 1))
        .make(minibatch(8, 1), gradient -> gradient.assign(0));
    assertThat(network.params()).isEqualTo(before);
  }

  /** Memory outside the heap, which the garbage collector does not see. */
  @Test
  void aStepLeavesNoArrays() {
    try (NetworkCopies copies = new NetworkCopies(network, 2)) {
      TrainingStep step = new TrainingStep(copies);
      for (int i = 0; i < 3; i++) {
        make(step, i);
      }
      long before = Nd4j.getEnvironment().getDeviceCouner(0);
      for (int i = 0; i < 10; i++) {
        make(step, i);
      }
      assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before).isLessThan(10_000);
    }
  }

  private static void make(TrainingStep step, long seed) {
    MultiDataSet minibatch = minibatch(20, seed);
    step.make(minibatch, gradient -> {});
    Minibatches.close(minibatch);
  }

  @Test
  void aVelocityThatFailsLeavesNoArray() {
    NetworkVelocity velocity = new NetworkVelocity(network);
    try (INDArray images = Nd4j.zeros(DataType.FLOAT, 4, 3, 128, 128)) {
      long before = Nd4j.getEnvironment().getDeviceCouner(0);
      assertThatThrownBy(() -> velocity.at(images, 0.5)).isInstanceOf(RuntimeException.class);
      assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - before)
          .isLessThan(images.length() * Float.BYTES);
    }
  }

  private static ComputationGraph network(IUpdater updater) {
    ComputationGraph network = UNet.create(SETTINGS, updater);
    UNet.initialise(network, 1);
    return network;
  }

  private static MultiDataSet minibatch(int images, long seed) {
    Nd4j.getRandom().setSeed(seed);
    return new MultiDataSet(
        new INDArray[] {
          Nd4j.randn(DataType.FLOAT, images, 1, 8, 8), Nd4j.rand(DataType.FLOAT, images, 1)
        },
        new INDArray[] {Nd4j.randn(DataType.FLOAT, images, 1, 8, 8)});
  }
}
