package flowmatching.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import flowmatching.failure.DataFailure;
import flowmatching.model.TinyModel;
import flowmatching.settings.ModelSettings;
import flowmatching.unet.NamedTensor;
import flowmatching.unet.NetworkState;
import flowmatching.unet.PyTorchAdam;
import flowmatching.unet.SafeTensors;
import flowmatching.unet.UNet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

@Computes
class MomentsTest {
  private static final ModelSettings SETTINGS = TinyModel.settings(1);

  private final ComputationGraph network = UNet.create(SETTINGS, new PyTorchAdam(1e-3));

  /**
   * Adam's first step goes against the gradient, of which the moments then are 0.1 and 0.001 g².
   */
  @Test
  void eachHasTheNameAndLayoutOfItsParameter() {
    UNet.initialise(network, 1);
    Map<String, float[]> before = parameters();
    step();
    Map<String, float[]> after = parameters();

    Map<String, NamedTensor> moments = SafeTensors.read(written(), "moments");
    assertThat(moments).hasSize(2 * before.size());
    before.forEach(
        (name, values) -> {
          float[] first = moments.get("exp_avg." + name).values();
          float[] second = moments.get("exp_avg_sq." + name).values();
          for (int i = 0; i < values.length; i++) {
            assertThat(second[i])
                .isCloseTo(
                    0.1f * first[i] * first[i], within(1e-3f * second[i] + Float.MIN_NORMAL));
            if (Math.abs(first[i]) > 1e-6f) {
              assertThat(Math.signum(after.get(name)[i] - values[i]))
                  .as("%s, value %d", name, i)
                  .isEqualTo(-Math.signum(first[i]));
            }
          }
        });
  }

  @Test
  void theyComeBackAsTheyWere() {
    UNet.initialise(network, 1);
    step();
    assertThat(Moments.read(written(), SETTINGS, "moments"))
        .isEqualTo(NetworkState.of(network).updaterState());
  }

  @Test
  void thoseOfAnotherNetworkAreRefused() {
    assertThatThrownBy(() -> Moments.read(written(), TinyModel.settings(3), "moments"))
        .isInstanceOf(DataFailure.class)
        .hasMessage("moments is not the optimiser state of this network");
  }

  @ParameterizedTest
  @CsvSource({"exp_avg, NaN", "exp_avg, Infinity", "exp_avg_sq, -1"})
  void whatNoMomentCanBeIsRefused(String moment, float value) {
    UNet.initialise(network, 1);
    Map<String, NamedTensor> tensors = SafeTensors.read(written(), "moments");
    tensors.get(moment + ".conv_in.bias").values()[0] = value;
    byte[] file = SafeTensors.write(List.copyOf(tensors.values()), Map.of());
    assertThatThrownBy(() -> Moments.read(file, SETTINGS, "moments"))
        .isInstanceOf(DataFailure.class)
        .hasMessage("moments is damaged: a value of tensor '%s.conv_in.bias' is %s", moment, value);
  }

  private byte[] written() {
    return Moments.write(SETTINGS, NetworkState.of(network).updaterState());
  }

  private Map<String, float[]> parameters() {
    Map<String, float[]> parameters = new LinkedHashMap<>();
    UNet.parameters(network)
        .forEach((name, view) -> parameters.put(name, NamedTensor.of(name, view).values()));
    return parameters;
  }

  private void step() {
    INDArray images = Nd4j.linspace(-1, 1, 64).castTo(DataType.FLOAT).reshape(1, 1, 8, 8);
    INDArray times = Nd4j.createFromArray(0.5f).reshape(1, 1);
    network.fit(new MultiDataSet(new INDArray[] {images, times}, new INDArray[] {images.neg()}));
  }
}
