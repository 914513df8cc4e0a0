package flowmatching.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.parallel.DataParallel;
import flowmatching.parallel.Plan;
import flowmatching.parallel.Round;
import flowmatching.settings.Split;
import flowmatching.settings.UdpPorts;
import flowmatching.unet.GoldenFolder;
import flowmatching.unet.NetworkState;
import flowmatching.unet.PyTorchAdam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The seed's network learns Fashion-MNIST as PyTorch does: 100 steps of 64 images from the golden
 * weights, judged by the mean loss of the last ten.
 *
 * <p>PyTorch's losses on the same minibatches are in {@code learning/pytorch-losses.json}. To make
 * them anew: {@code mvn verify -Dit.test=LearningIT -Dlearning.export=FOLDER}, then {@code
 * /usr/bin/python3 src/test/resources/reference/learning.py FOLDER >
 * src/test/resources/learning/pytorch-losses.json}.
 */
@ExtendWith(SparkSessionExtension.class)
@Computes
class LearningIT {
  private static final int STEPS = 100;
  private static final int BATCH_SIZE = 64;
  private static final int ROUND = 10;
  private static final double LEARNING_RATE = 1e-3;
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final GoldenFolder GOLDEN = GoldenFolder.at(RESOURCES.resolve("parity/seed"));

  /** What a training came to. */
  private record Trained(NetworkState state, double lastLoss) {}

  private static SparkSession session;
  private static Trained plain;
  private static Trained oneReplica;

  @BeforeAll
  static void trainBothWaysAtOnce(SparkSession spark) {
    session = spark;
    List<MultiDataSet> minibatches = minibatches().of(rows(), 1, 0, STEPS).collect();
    CompletableFuture<Trained> plainly =
        CompletableFuture.supplyAsync(() -> trainPlainly(minibatches));
    oneReplica = trainReplicas(1);
    plain = plainly.join();
  }

  private static Trained trainPlainly(List<MultiDataSet> minibatches) {
    ComputationGraph network = GOLDEN.network(new PyTorchAdam(LEARNING_RATE));
    List<Double> losses = new ArrayList<>();
    for (MultiDataSet minibatch : minibatches) {
      network.fit(minibatch);
      losses.add(network.score());
    }
    return new Trained(NetworkState.of(network), lastTen(losses));
  }

  private static Trained trainReplicas(int replicas) {
    NetworkState state = NetworkState.of(GOLDEN.network(new PyTorchAdam(LEARNING_RATE)));
    DataParallel training =
        new DataParallel(
            JavaSparkContext.fromSparkContext(session.sparkContext()),
            new Plan(
                GOLDEN.settings(),
                new PyTorchAdam(LEARNING_RATE),
                NumericIdentity.useBest(),
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
    assertThat(state.iteration()).isEqualTo(STEPS);
    return new Trained(state, lastLoss);
  }

  @Test
  void plainFitLearnsAsPyTorch() throws IOException {
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
  void oneReplicaIsPlainFit() {
    assertThat(oneReplica.state().parameters()).isEqualTo(plain.state().parameters());
    assertThat(oneReplica.lastLoss()).isCloseTo(plain.lastLoss(), withPercentage(0.001));
  }

  @Test
  void twoReplicasOfOneJvmLearnAsPlainFit() {
    assertThat(trainReplicas(2).lastLoss()).isCloseTo(plain.lastLoss(), withPercentage(3));
  }

  @Test
  @EnabledIfSystemProperty(named = "learning.export", matches = ".+")
  void exportsTheMinibatchesForPyTorch() throws IOException {
    Path folder = Files.createDirectories(Path.of(System.getProperty("learning.export")));
    List<MultiDataSet> minibatches = minibatches().of(rows(), 1, 0, STEPS).collect();
    export(folder, "xt", minibatches.stream().map(m -> m.getFeatures(0)).toList());
    export(folder, "t", minibatches.stream().map(m -> m.getFeatures(1)).toList());
    export(folder, "target", minibatches.stream().map(m -> m.getLabels(0)).toList());
    assertThat(folder).isNotEmptyDirectory();
  }

  private static void export(Path folder, String name, List<INDArray> parts) throws IOException {
    INDArray all = Nd4j.concat(0, parts.toArray(new INDArray[0]));
    Files.write(folder.resolve(name + ".npy"), Nd4j.toNpyByteArray(all));
  }

  private static Dataset<Row> rows() {
    return ImageSet.open(
            session,
            "/usr/share/datasets/fashion-mnist",
            Split.TRAIN,
            OptionalInt.of(STEPS * BATCH_SIZE))
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
