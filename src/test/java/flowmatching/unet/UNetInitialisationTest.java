package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import flowmatching.settings.ImageShape;
import flowmatching.settings.ModelSettings;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/** Initial weights are PyTorch's default for each kind of layer, told from a tensor's name. */
@Computes
class UNetInitialisationTest {
  private static final ModelSettings SETTINGS =
      new ModelSettings(
          new ImageShape(1, 28, 28),
          List.of(32, 64, 128),
          List.of(128, 64),
          128,
          List.of(true, true),
          List.of(false, true),
          4,
          8);
  private static final Map<String, INDArray> WEIGHTS = UNet.parameters(network(1));

  static Stream<Named<String>> names() {
    return WEIGHTS.keySet().stream().map(name -> Named.of(name, name));
  }

  @ParameterizedTest
  @MethodSource("names")
  void theSpreadOfAParameterIsPyTorchs(String name) {
    INDArray values = WEIGHTS.get(name);
    if (name.matches(".*(in_proj_bias|out_proj\\.bias)")) {
      assertConstant(values, 0);
    } else if (name.matches("(.*\\.norm|norm_out|.*\\.(first|second)\\.0)\\.(weight|bias)")) {
      assertConstant(values, name.endsWith("weight") ? 1 : 0);
    } else if (name.endsWith("in_proj_weight")) {
      // Xavier: fan in C, fan out 3 C.
      assertUniform(values, Math.sqrt(6.0 / (values.size(0) + values.size(1))));
    } else {
      long[] weight = WEIGHTS.get(name.replaceFirst("bias$", "weight")).shape();
      long fanIn = LongStream.of(weight).reduce(1, Math::multiplyExact);
      assertUniform(values, 1 / Math.sqrt((double) fanIn / weight[0]));
    }
  }

  @Test
  void theSeedAloneDecides() {
    assertThat(network(1).params().toFloatVector())
        .isEqualTo(network(1).params().toFloatVector())
        .isNotEqualTo(network(2).params().toFloatVector());
  }

  private static ComputationGraph network(long seed) {
    ComputationGraph network = UNet.create(SETTINGS, new NoOp());
    UNet.initialise(network, seed);
    return network;
  }

  private static void assertConstant(INDArray values, double value) {
    assertThat(values.minNumber().doubleValue()).isEqualTo(value);
    assertThat(values.maxNumber().doubleValue()).isEqualTo(value);
  }

  /** Mean, deviation and extremes within five standard errors of a sample of this size. */
  private static void assertUniform(INDArray values, double bound) {
    double count = values.length();
    double deviation = bound / Math.sqrt(3);
    double largest = values.amaxNumber().doubleValue();
    assertThat(largest).isLessThanOrEqualTo(bound * (1 + 1e-6));
    assertThat(largest).isGreaterThan(bound * (1 - 15 / count));
    assertThat(values.meanNumber().doubleValue())
        .isCloseTo(0, within(5 * deviation / Math.sqrt(count)));
    assertThat(values.ravel().stdNumber(false).doubleValue())
        .isCloseTo(deviation, within(5 * deviation * Math.sqrt(0.2 / count)));
  }
}
