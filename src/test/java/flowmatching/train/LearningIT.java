package flowmatching.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.SparkSessionExtension;
import flowmatching.backend.CpuLibrary;
import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.parameterserver.ParameterServer;
import flowmatching.parameterserver.ReplicaLayout;
import flowmatching.parameterserver.Round;
import flowmatching.settings.ModelSettings;
import flowmatching.settings.Split;
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

  @BeforeAll
  static void trainPlainly(SparkSession spark) {
    session = spark;
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ComputationGraph network = GOLDEN.network(new PyTorchAdam(LEARNING_RATE));
    plainLosses = new ArrayList<>();
    for (MultiDataSet minibatch : minibatches(1)) {
      network.fit(minibatch);
      plainLosses.add(network.score());
    }
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
    List<MultiDataSet> minibatches = minibatches(replicas);
    ComputationGraph network = GOLDEN.network(new PyTorchAdam(LEARNING_RATE / replicas));
    NetworkState state = NetworkState.of(network);
    double lastLoss = Double.NaN;
    try (ParameterServer server =
        new ParameterServer(
            context,
            network,
            new ReplicaLayout(1, replicas),
            NumericIdentity.use(CpuLibrary.best(), 1),
            BATCH_SIZE / replicas,
            0.9)) {
      for (int from = 0; from < minibatches.size(); from += ROUND * replicas) {
        var part = new ArrayList<>(minibatches.subList(from, from + ROUND * replicas));
        Round round = server.train(state, context.parallelize(part, 1), part.size());
        state = round.state();
        lastLoss = round.loss();
      }
    }
    assertThat(state.iteration()).isEqualTo(STEPS);
    assertThat(lastLoss).isCloseTo(lastTen(plainLosses), withPercentage(3));
  }

  @Test
  @EnabledIfSystemProperty(named = "learning.export", matches = ".+")
  void exportsTheMinibatchesForPyTorch() throws IOException {
    Path folder = Files.createDirectories(Path.of(System.getProperty("learning.export")));
    List<MultiDataSet> minibatches = minibatches(1);
    export(folder, "xt", minibatches.stream().map(m -> m.getFeatures(0)).toList());
    export(folder, "t", minibatches.stream().map(m -> m.getFeatures(1)).toList());
    export(folder, "target", minibatches.stream().map(m -> m.getLabels(0)).toList());
    assertThat(folder).isNotEmptyDirectory();
  }

  private static void export(Path folder, String name, List<INDArray> parts) throws IOException {
    INDArray all = Nd4j.concat(0, parts.toArray(new INDArray[0]));
    Files.write(folder.resolve(name + ".npy"), Nd4j.toNpyByteArray(all));
  }

  private static List<MultiDataSet> minibatches(int replicas) {
    ModelSettings settings = GOLDEN.settings();
    ImageSet images =
        ImageSet.open(
            session,
            "/usr/share/datasets/fashion-mnist",
            Split.TRAIN,
            OptionalInt.of(STEPS * BATCH_SIZE));
    return new EpochMinibatches(
            settings.image(), images.count(), BATCH_SIZE, new ReplicaLayout(1, replicas), 1, 0)
        .of(images.rows(session, 2))
        .collect();
  }

  private static double lastTen(List<Double> losses) {
    return losses.subList(losses.size() - ROUND, losses.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }
}
