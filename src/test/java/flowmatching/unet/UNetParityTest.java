package flowmatching.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import flowmatching.Computes;
import flowmatching.flow.Euler;
import flowmatching.flow.TimeGrid;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Percentage;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The network against the PyTorch reference, on any folder of golden values: {@code mvn test
 * -Dtest=UNetParityTest -Dparity.dir=FOLDER}; without the property, on the two folders beside this
 * test.
 */
@Computes
class UNetParityTest {
  private static final double TOLERANCE = 1e-4;

  /** A gradient that is small beside the whole may be rounding: it is held to this share of it. */
  private static final double SMALL_GRADIENT = 1e-3;

  /** Golden values for each of the ways to compute. */
  static Stream<Arguments> paths() {
    return folders().flatMap(golden -> kernels().map(kernels -> arguments(golden, kernels)));
  }

  /** The host's kernels read arrays where a processor has them. */
  private static Stream<Kernels> kernels() {
    return Arrays.stream(Kernels.values())
        .filter(kernels -> kernels == Kernels.OPERATIONS || kernels == Kernels.ofBackend());
  }

  static Stream<GoldenFolder> folders() {
    String folder = System.getProperty("parity.dir");
    return Stream.of(folder)
        .flatMap(
            given ->
                given == null
                    ? Stream.of("src/test/resources/parity/seed", "src/test/resources/parity/small")
                    : Stream.of(given))
        .map(Path::of)
        .map(GoldenFolder::at);
  }

  @ParameterizedTest
  @MethodSource("folders")
  void hasTheReferencesParameterCount(GoldenFolder golden) {
    assertThat(UNet.create(golden.settings(), new Sgd(1)).params().length())
        .isEqualTo(golden.facts().get("parameters").asLong());
  }

  @ParameterizedTest
  @MethodSource("paths")
  void predictsTheReferencesVelocity(GoldenFolder golden, Kernels kernels) {
    ComputationGraph network = golden.network(new Sgd(1), kernels);
    INDArray velocity = network.outputSingle(golden.array("xt"), golden.times());
    assertClose("velocity", velocity, golden.array("velocity"));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void eulerStepsReachTheReferencesSamples(GoldenFolder golden, Kernels kernels) {
    ComputationGraph network = golden.network(new Sgd(1), kernels);
    INDArray samples =
        new Euler(TimeGrid.uniform(10)).solve(new NetworkVelocity(network), golden.array("z"));
    assertClose("euler10", samples, golden.array("euler10"));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void everyParametersGradientIsTheReferences(GoldenFolder golden, Kernels kernels) {
    // A step of gradient descent subtracts the gradient of the mean loss, times a rate: one so
    // large that the weights themselves round nothing away.
    double rate = 1 << 20;
    ComputationGraph network = golden.network(new Sgd(rate), kernels);
    double loss =
        new TrainingStep(new NetworkCopies(network, 1)).make(minibatch(golden), sum -> {});
    Map<String, INDArray> weights = golden.tensors("weights");
    Map<String, INDArray> reference = golden.tensors("gradients");
    double whole =
        Math.sqrt(reference.values().stream().mapToDouble(g -> Math.pow(norm(g), 2)).sum());
    SoftAssertions softly = new SoftAssertions();
    UNet.parameters(network)
        .forEach(
            (name, after) -> {
              INDArray gradient = weights.get(name).sub(after).divi(rate);
              double distance = norm(gradient.sub(reference.get(name)));
              double size = Math.max(norm(reference.get(name)), SMALL_GRADIENT * whole);
              softly.assertThat(distance).as(name).isLessThanOrEqualTo(TOLERANCE * size);
            });
    softly.assertThat(loss).isCloseTo(golden.facts().get("loss").asDouble(), within());
    softly.assertAll();
  }

  @ParameterizedTest
  @MethodSource("paths")
  void tenAdamStepsHaveTheReferencesLosses(GoldenFolder golden, Kernels kernels) {
    ComputationGraph network = golden.network(new PyTorchAdam(1e-3), kernels);
    TrainingStep step = new TrainingStep(new NetworkCopies(network, 1));
    List<Double> losses = new ArrayList<>();
    while (losses.size() < 10) {
      losses.add(step.make(minibatch(golden), gradient -> {}));
    }
    assertClose("losses", vector(losses), vector(golden.adamLosses()));
  }

  private static MultiDataSet minibatch(GoldenFolder golden) {
    return new MultiDataSet(
        new INDArray[] {golden.array("xt"), golden.times()},
        new INDArray[] {golden.array("target")});
  }

  private static Percentage within() {
    return Percentage.withPercentage(100 * TOLERANCE);
  }

  private static INDArray vector(List<Double> values) {
    return Nd4j.createFromArray(values.stream().mapToDouble(d -> d).toArray());
  }

  private static void assertClose(String what, INDArray ours, INDArray reference) {
    assertThat(norm(ours.sub(reference)) / norm(reference))
        .as("relative distance of " + what)
        .isLessThanOrEqualTo(TOLERANCE);
  }

  private static double norm(INDArray array) {
    return array.norm2Number().doubleValue();
  }
}
