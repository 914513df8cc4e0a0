package flowmatching.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.SparkSessionExtension;
import flowmatching.backend.CpuLibrary;
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
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
class LearningIT {
  private static final int STEPS = 100;
  private static final int BATCH_SIZE = 64;
  private static final int ROUND = 10;
  private static final double LEARNING_RATE = 1e-3;
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final GoldenFolder GOLDEN = GoldenFolder.at(RESOURCES.resolve("parity/seed"));

  private static JavaSparkContext context;
  private static SparkSession session;
  private static List<Double> plainLosses;
  private static float[] plainParameters;

  @BeforeAll
  static void trainPlainly(SparkSession spark) {
    session = spark;
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ComputationGraph network = GOLDEN.network(new PyTorchAdam(LEARNING_RATE));
    plainLosses = new ArrayList<>();
    for (MultiDataSet minibatch :
        minibatches().of(images().rows(spark, 2), 1, 0, STEPS).collect()) {
      network.fit(minibatch);
      plainLosses.add(network.score());
    }
    plainParameters = network.params().toFloatVector();
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
    assertThat(lastTen(plainLosses)).isCloseTo(lastTen(losses), withPercentage(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void replicasOfOneJvmLearnAsPlainFit(int replicas) {
    NetworkState state = NetworkState.of(GOLDEN.network(new PyTorchAdam(LEARNING_RATE)));
    DataParallel training =
        new DataParallel(
            context,
            new Plan(
                GOLDEN.settings(),
                new PyTorchAdam(LEARNING_RATE),
                NumericIdentity.use(CpuLibrary.best()),
                true,
                0.03,
                UdpPorts.ANY,
                60),
            slots -> replicas);
    Dataset<Row> rows = images().rows(session, 2);
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
    assertThat(lastLoss).isCloseTo(lastTen(plainLosses), withPercentage(3));
    if (replicas == 1) {
      assertThat(state.parameters()).isEqualTo(plainParameters);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "learning.export", matches = ".+")
  void exportsTheMinibatchesForPyTorch() throws IOException {
    Path folder = Files.createDirectories(Path.of(System.getProperty("learning.export")));
    List<MultiDataSet> minibatches =
        minibatches().of(images().rows(session, 2), 1, 0, STEPS).collect();
    export(folder, "xt", minibatches.stream().map(m -> m.getFeatures(0)).toList());
    export(folder, "t", minibatches.stream().map(m -> m.getFeatures(1)).toList());
    export(folder, "target", minibatches.stream().map(m -> m.getLabels(0)).toList());
    assertThat(folder).isNotEmptyDirectory();
  }

  private static void export(Path folder, String name, List<INDArray> parts) throws IOException {
    INDArray all = Nd4j.concat(0, parts.toArray(new INDArray[0]));
    Files.write(folder.resolve(name + ".npy"), Nd4j.toNpyByteArray(all));
  }

  private static ImageSet images() {
    return ImageSet.open(
        session,
        "/usr/share/datasets/fashion-mnist",
        Split.TRAIN,
        OptionalInt.of(STEPS * BATCH_SIZE));
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
