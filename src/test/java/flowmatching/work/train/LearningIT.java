package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.Split;
import flowmatching.base.settings.UdpPorts;
import flowmatching.flow.Minibatch;
import flowmatching.means.data.ImageSet;
import flowmatching.means.parallel.DataParallel;
import flowmatching.means.parallel.Plan;
import flowmatching.means.parallel.Round;
import flowmatching.network.Network;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.ThreadMemory;
import flowmatching.network.dl4j.GoldenFolder;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The seed's network learns Fashion-MNIST as PyTorch does: 100 steps of 64 images from the golden
 * weights, judged by the mean loss of the last ten.
 *
 * <p>PyTorch's losses on the same minibatches are in {@code learning/pytorch-losses.json}. To make
 * them again: {@code mvn verify -Dit.test=LearningIT -Dlearning.export=FOLDER}, then {@code
 * /usr/bin/python3 src/test/resources/reference/learning.py FOLDER >
 * src/test/resources/learning/pytorch-losses.json}.
 */
@ExtendWith(SparkSessionExtension.class)
@Computes
class LearningIT {
  private static final int STEPS = 100;
  private static final int BATCH_SIZE = 64;
  private static final int ROUND = 10;
  private static final Adam OPTIMISER = new Adam(LearningRate.constant(1e-3));
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final GoldenFolder GOLDEN = GoldenFolder.at(RESOURCES.resolve("parity/seed"));

  private static final long[] IMAGES = {BATCH_SIZE, 1, 28, 28};
  private static final long[] TIMES = {BATCH_SIZE, 1};

  /** The result of a training. */
  private record Trained(TrainingState state, double lastLoss) {}

  private static SparkSession session;
  private static Trained plain;
  private static Trained oneReplica;

  @BeforeAll
  static void trainBothWaysConcurrently(SparkSession spark) {
    session = spark;
    List<Minibatch> minibatches = minibatches().of(rows(), 1, 0, STEPS).collect();
    CompletableFuture<Trained> plainly =
        CompletableFuture.supplyAsync(() -> trainPlainly(minibatches));
    oneReplica = trainReplicas(1);
    plain = plainly.join();
  }

  private static Trained trainPlainly(List<Minibatch> minibatches) {
    try (Network network = UNet.create(GOLDEN.settings(), Precision.FLOAT32, 1)) {
      TrainingStep steps = new TrainingStep(network, OPTIMISER, ExponentialAverage.NONE, start());
      List<Double> losses = new ArrayList<>();
      for (Minibatch minibatch : minibatches) {
        losses.add(steps.make(minibatch, gradient -> {}));
      }
      return new Trained(steps.state(), lastTen(losses));
    } finally {
      ThreadMemory.release();
    }
  }

  private static TrainingState start() {
    return TrainingState.initial(UNet.layout(GOLDEN.settings()), GOLDEN.parameters(), false);
  }

  private static Trained trainReplicas(int replicas) {
    TrainingState state = start();
    DataParallel training =
        new DataParallel(
            JavaSparkContext.fromSparkContext(session.sparkContext()),
            new Plan(
                GOLDEN.settings(),
                OPTIMISER,
                ExponentialAverage.NONE,
                NumericIdentity.useBest(Precision.FLOAT32),
                true,
                0.03,
                UdpPorts.ANY,
                60),
            replicas,
            slots -> replicas);
    Dataset<Row> rows = rows();
    double lastLoss = Double.NaN;
    for (int first = 0; first < STEPS; first += ROUND) {
      int from = first;
      Round round =
          training.train(
              "test",
              state,
              ROUND,
              count -> minibatches().of(rows, count, from, from + ROUND),
              () -> (images, lossSum) -> {});
      state = round.state();
      lastLoss = round.lossSum() / round.images();
    }
    assertThat(state.step()).isEqualTo(STEPS);
    return new Trained(state, lastLoss);
  }

  @Test
  void plainStepsLearnAsPyTorch() throws IOException {
    double[] reference =
        new ObjectMapper()
            .readValue(RESOURCES.resolve("learning/pytorch-losses.json").toFile(), double[].class);
    List<Double> losses = new ArrayList<>();
    for (double loss : reference) {
      losses.add(loss);
    }
    assertThat(plain.lastLoss()).isCloseTo(lastTen(losses), withPercentage(1));
  }

  @Test
  void oneReplicaMakesPlainSteps() {
    assertThat(oneReplica.state().values(Slot.PARAMETERS))
        .isEqualTo(plain.state().values(Slot.PARAMETERS));
    assertThat(oneReplica.lastLoss()).isCloseTo(plain.lastLoss(), withPercentage(0.001));
  }

  @Test
  void twoReplicasOfOneJvmLearnAsPlainSteps() {
    assertThat(trainReplicas(2).lastLoss()).isCloseTo(plain.lastLoss(), withPercentage(3));
  }

  @Test
  @EnabledIfSystemProperty(named = "learning.export", matches = ".+")
  void exportsTheMinibatchesForPyTorch() throws IOException {
    Path folder = Files.createDirectories(Path.of(System.getProperty("learning.export")));
    List<Minibatch> minibatches = minibatches().of(rows(), 1, 0, STEPS).collect();
    export(folder, "xt", minibatches, IMAGES, minibatch -> minibatch.points().values());
    export(folder, "t", minibatches, TIMES, minibatch -> minibatch.conditions().get(0).values());
    export(folder, "target", minibatches, IMAGES, minibatch -> minibatch.velocities().values());
    assertThat(folder).isNotEmptyDirectory();
  }

  private static void export(
      Path folder,
      String name,
      List<Minibatch> minibatches,
      long[] shape,
      Function<Minibatch, float[]> values)
      throws IOException {
    INDArray all =
        Nd4j.concat(
            0,
            minibatches.stream()
                .map(minibatch -> Nd4j.create(values.apply(minibatch), shape, 'c'))
                .toArray(INDArray[]::new));
    Files.write(folder.resolve(name + ".npy"), Nd4j.toNpyByteArray(all));
  }

  private static Dataset<Row> rows() {
    return ImageSet.open(session, "/usr/share/datasets/fashion-mnist", Split.TRAIN)
        .lowest(STEPS * BATCH_SIZE)
        .rows(session, 2);
  }

  private static EpochMinibatches minibatches() {
    return new EpochMinibatches(GOLDEN.settings().image(), STEPS * BATCH_SIZE, BATCH_SIZE, 1, 0);
  }

  private static double lastTen(List<Double> losses) {
    return losses.subList(losses.size() - ROUND, losses.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }
}
