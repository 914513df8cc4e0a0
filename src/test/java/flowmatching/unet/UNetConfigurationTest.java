package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J sends a network to executors as JSON and parameters, and copies it for each replica. */
@Computes
class UNetConfigurationTest {
  private static final ModelSettings SETTINGS =
      new ModelSettings(
          new ImageShape(1, 8, 8),
          List.of(8, 16, 24),
          List.of(24, 16),
          12,
          List.of(true, false),
          List.of(false, true),
          4,
          8);
  private static final MultiDataSet MINIBATCH =
      new MultiDataSet(
          new INDArray[] {
            Nd4j.randn(DataType.FLOAT, 2, 1, 8, 8), Nd4j.createFromArray(0.25f, 0.5f).reshape(2, 1)
          },
          new INDArray[] {Nd4j.randn(DataType.FLOAT, 2, 1, 8, 8)});

  private final ComputationGraph network = UNet.create(SETTINGS, new PyTorchAdam(1e-3));

  @Test
  void aNetworkFromTheJsonOfAnotherPredictsAndLearnsAsItDoes() {
    UNet.initialise(network, 1);
    var configuration = ComputationGraphConfiguration.fromJson(network.getConfiguration().toJson());
    ComputationGraph copy = new ComputationGraph(configuration);
    copy.init(network.params().dup(), false);

    assertThat(configuration).isEqualTo(network.getConfiguration());
    assertThat(UNet.parameters(copy)).containsOnlyKeys(UNet.parameters(network).keySet());
    assertThat(velocity(copy)).isEqualTo(velocity(network));
    fit(network, 3);
    fit(copy, 3);
    assertThat(copy.params()).isEqualTo(network.params());
    assertThat(velocity(copy)).isEqualTo(velocity(network));
  }

  @Test
  void aCloneGoesOnWhereTheOriginalWasAndLeavesItAlone() {
    UNet.initialise(network, 1);
    fit(network, 2);
    INDArray before = network.params().dup();
    ComputationGraph clone = network.clone();
    // DL4J's clone has the parameters and Adam's moments, but counts iterations from 0.
    assertThat(clone.getConfiguration().getIterationCount()).isZero();
    clone.getConfiguration().setIterationCount(2);

    fit(clone, 2);
    assertThat(network.params()).isEqualTo(before);
    fit(network, 2);
    assertThat(clone.params()).isEqualTo(network.params()).isNotEqualTo(before);
  }

  private static void fit(ComputationGraph network, int steps) {
    for (int step = 0; step < steps; step++) {
      network.fit(MINIBATCH);
    }
  }

  private static INDArray velocity(ComputationGraph network) {
    return network.outputSingle(MINIBATCH.getFeatures());
  }
}
