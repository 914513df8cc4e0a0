package flowmatching.network.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.Computes;
import flowmatching.base.settings.ImageShape;
import flowmatching.base.settings.ModelSettings;
import flowmatching.network.TensorLayout.Tensor;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Initial weights are PyTorch's default for each kind of layer, by the tensor's name. */
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
  private static final Map<String, Tensor> TENSORS =
      UNet.layout(SETTINGS).tensors().stream()
          .collect(Collectors.toMap(Tensor::name, tensor -> tensor));
  private static final float[] WEIGHTS = UNet.initialParameters(SETTINGS, 1);

  static Stream<Named<String>> names() {
    return TENSORS.keySet().stream().map(name -> Named.of(name, name));
  }

  @ParameterizedTest
  @MethodSource("names")
  void initialValuesAreDistributedAsInPyTorch(String name) {
    Tensor tensor = TENSORS.get(name);
    float[] values = tensor.of(WEIGHTS);
    if (name.matches(".*(in_proj_bias|out_proj\\.bias)")) {
      assertConstant(values, 0);
    } else if (name.matches("(.*\\.norm|norm_out|.*\\.(first|second)\\.0)\\.(weight|bias)")) {
      assertConstant(values, name.endsWith("weight") ? 1 : 0);
    } else if (name.endsWith("in_proj_weight")) {
      // Xavier: fan in C, fan out 3 C.
      assertUniform(values, Math.sqrt(6.0 / (tensor.shape().get(0) + tensor.shape().get(1))));
    } else {
      Tensor weight = TENSORS.get(name.replaceFirst("bias$", "weight"));
      assertUniform(values, 1 / Math.sqrt((double) weight.length() / weight.shape().get(0)));
    }
  }

  @Test
  void initialValuesDependOnTheSeed() {
    assertThat(UNet.initialParameters(SETTINGS, 1))
        .isEqualTo(WEIGHTS)
        .isNotEqualTo(UNet.initialParameters(SETTINGS, 2));
  }

  private static void assertConstant(float[] values, float value) {
    assertThat(values).containsOnly(value);
  }

  /** Mean, deviation and extremes are within five standard errors. */
  private static void assertUniform(float[] values, double bound) {
    double count = values.length;
    double deviation = bound / Math.sqrt(3);
    DoubleSummaryStatistics sizes =
        IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])).summaryStatistics();
    assertThat(sizes.getMax()).isLessThanOrEqualTo(bound * (1 + 1e-6));
    assertThat(sizes.getMax()).isGreaterThan(bound * (1 - 15 / count));
    double mean =
        IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
    assertThat(mean).isCloseTo(0, within(5 * deviation / Math.sqrt(count)));
    double variance =
        IntStream.range(0, values.length)
            .mapToDouble(i -> Math.pow(values[i] - mean, 2))
            .average()
            .orElseThrow();
    assertThat(Math.sqrt(variance))
        .isCloseTo(deviation, within(5 * deviation * Math.sqrt(0.2 / count)));
  }
}
