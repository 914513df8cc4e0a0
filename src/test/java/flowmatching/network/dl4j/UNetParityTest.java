package flowmatching.network.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import flowmatching.Computes;
import flowmatching.Norms;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.RungeKutta;
import flowmatching.flow.SquaredError;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout.Tensor;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the network with the PyTorch reference on a folder of golden values: {@code mvn test
 * -Dtest=UNetParityTest -Dparity.dir=FOLDER}; without the property, on the two folders of the test
 * resources.
 */
@Computes
class UNetParityTest {
  /**
   * A gradient below this share of the whole may be rounding; its tolerance is that of the share.
   */
  private static final double SMALL_GRADIENT = 1e-3;

  /** Each folder with each computation that runs here. */
  static Stream<Arguments> paths() {
    return folders()
        .flatMap(golden -> computations().map(computation -> arguments(golden, computation)));
  }

  private static Stream<Computation> computations() {
    NumericIdentity here = NumericIdentity.useBest(Precision.AUTO);
    if (here.library() == Library.CUDA) {
      return Stream.of(Computation.DL4J);
    }
    return here.precision() == Precision.BFLOAT16
        ? Stream.of(Computation.values())
        : Stream.of(Computation.DL4J, Computation.FLOAT32);
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
  void theParameterCountMatchesTheReference(GoldenFolder golden) {
    assertThat(UNet.parameterCount(golden.settings()))
        .isEqualTo(golden.facts().get("parameters").asLong());
  }

  @ParameterizedTest
  @MethodSource("paths")
  void theVelocityMatchesTheReference(GoldenFolder golden, Computation computation) {
    Minibatch minibatch = minibatch(golden);
    ImageBatch velocity =
        golden.network(computation).velocity(minibatch.points(), minibatch.conditions());
    assertClose("velocity", computation, velocity.values(), golden.values("velocity"));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void eulerSamplesMatchTheReference(GoldenFolder golden, Computation computation) {
    ImageBatch samples =
        RungeKutta.EULER
            .on(RungeKutta.equalSteps(10))
            .solve(golden.network(computation).field(), golden.images("z"));
    assertClose("euler10", computation, samples.values(), golden.values("euler10"));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void everyParametersGradientMatchesTheReference(GoldenFolder golden, Computation computation) {
    Network network = golden.network(computation);
    Minibatch minibatch = minibatch(golden);
    float[] gradient = new float[network.layout().length()];
    double loss = network.gradient(minibatch, gradient) / minibatch.images();
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] /= minibatch.images();
    }
    Map<String, float[]> reference = golden.tensors("gradients");
    double whole =
        Math.sqrt(reference.values().stream().mapToDouble(g -> Math.pow(Norms.of(g), 2)).sum());
    SoftAssertions softly = new SoftAssertions();
    for (Tensor tensor : network.layout().tensors()) {
      float[] expected = reference.get(tensor.name());
      double size = Math.max(Norms.of(expected), SMALL_GRADIENT * whole);
      softly
          .assertThat(Norms.distance(tensor.of(gradient), expected))
          .as(tensor.name())
          .isLessThanOrEqualTo(computation.errorOfGradients() * size);
    }
    softly
        .assertThat(loss)
        .isCloseTo(
            golden.facts().get("loss").asDouble(), withPercentage(100 * computation.error()));
    softly.assertAll();
  }

  @ParameterizedTest
  @MethodSource("paths")
  void tenAdamStepsMatchTheReferencesLosses(GoldenFolder golden, Computation computation) {
    Network network = golden.network(computation);
    TrainingStep step =
        new TrainingStep(
            network,
            new Adam(LearningRate.constant(1e-3)),
            ExponentialAverage.NONE,
            TrainingState.initial(network.layout(), golden.parameters(), false));
    float[] losses = new float[10];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = (float) step.make(minibatch(golden), gradient -> {});
    }
    float[] reference = new float[losses.length];
    for (int i = 0; i < losses.length; i++) {
      reference[i] = golden.adamLosses().get(i).floatValue();
    }
    assertClose("losses", computation, losses, reference);
  }

  /** Training reports a loss that is no number; no computation may hide it. */
  @ParameterizedTest
  @MethodSource("paths")
  void aParameterThatIsNoNumberShows(GoldenFolder golden, Computation computation) {
    Network network = golden.network(computation);
    Minibatch minibatch = minibatch(golden);
    for (Tensor tensor : network.layout().tensors()) {
      float[] parameters = golden.parameters();
      parameters[tensor.from()] = Float.NaN;
      network.assign(parameters);
      ImageBatch velocity = network.velocity(minibatch.points(), minibatch.conditions());
      assertThat(SquaredError.sum(velocity, minibatch)).as(tensor.name()).isNaN();
    }
  }

  private static Minibatch minibatch(GoldenFolder golden) {
    ImageBatch points = golden.images("xt");
    float[] weights = new float[points.images()];
    Arrays.fill(weights, 1);
    return new Minibatch(
        points, List.of(Condition.time(golden.values("t"))), golden.images("target"), weights);
  }

  private static void assertClose(
      String what, Computation computation, float[] ours, float[] reference) {
    assertThat(Norms.distance(ours, reference) / Norms.of(reference))
        .as("relative distance of " + what)
        .isLessThanOrEqualTo(computation.error());
  }
}
