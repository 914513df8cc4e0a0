package flowmatching.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.backend.NumericIdentity;
import flowmatching.failure.DataFailure;
import flowmatching.failure.RunFailure;
import flowmatching.model.TinyModel;
import flowmatching.settings.UdpPorts;
import flowmatching.unet.NetworkState;
import flowmatching.unet.PyTorchAdam;
import flowmatching.unet.UNet;
import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** How two replicas in one JVM fail. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class DataParallelTest {
  private static final int STEPS = 2;
  private static final int PATIENCE_S = 600;
  private static final PyTorchAdam OPTIMISER = new PyTorchAdam(1e-3);

  /** The minibatches of all tests so far, which tasks of this process have made. */
  private static final Queue<MultiDataSet> USED = new ConcurrentLinkedQueue<>();

  private JavaSparkContext spark;

  @BeforeEach
  void context(SparkSession session) {
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  @Test
  void aDefectInATaskSaysWhereItWas() {
    assertThatThrownBy(() -> train(() -> failing(new IllegalStateException("no such operation"))))
        .isInstanceOf(RunFailure.class)
        .hasMessage(
            "a round failed, partition 1 on executor driver: java.lang.IllegalStateException: no such operation.")
        .isInstanceOfSatisfying(
            RunFailure.class,
            failure ->
                assertThat(failure.defect().orElseThrow())
                    .isInstanceOf(IllegalStateException.class));
  }

  @Test
  void aCauseWithoutAMessageIsItsClass() {
    assertThat(DataParallel.firstLine(new ExecutionException(new NullPointerException())))
        .isEqualTo("NullPointerException");
    assertThat(DataParallel.firstLine(new ExecutionException(new IOException("a\nb"))))
        .isEqualTo("a");
  }

  @Test
  void brokenDataStayAFailureOfData() {
    assertThatThrownBy(() -> train(() -> failing(new DataFailure("A file is damaged."))))
        .isInstanceOf(DataFailure.class)
        .hasMessage("a round, partition 1 on executor driver: A file is damaged.");
  }

  @Test
  void aLossThatIsNoNumberEndsTheRound() {
    assertThatThrownBy(() -> train(() -> images(Float.NaN)))
        .isInstanceOf(RunFailure.class)
        .hasMessageStartingWith("a round, partition ")
        .isInstanceOfSatisfying(RunFailure.class, failure -> assertThat(failure.defect()).isEmpty())
        .hasMessageContaining(
            "The loss is NaN in step 1 of the run, with a learning rate of 0.001 and a threshold of 0.03");
  }

  @Test
  void fewerMinibatchesThanStepsAreNoticed() {
    assertThatThrownBy(() -> train(STEPS + 1, () -> images(0)))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("made 2 steps of 3: its partition of the data is not whole");
  }

  @Test
  void allImagesAreCounted() {
    Round round = train(() -> images(0));
    assertThat(round.images()).isEqualTo(2 * STEPS);
    assertThat(round.state().iteration()).isEqualTo(STEPS);
  }

  @Test
  void aMinibatchIsClosedAfterItsStep() {
    USED.clear();
    train(() -> images(0));
    assertThat(USED).hasSize(2 * STEPS);
    assertThat(USED)
        .allSatisfy(
            minibatch -> {
              assertThat(minibatch.getFeatures()).allMatch(INDArray::wasClosed);
              assertThat(minibatch.getLabels()).allMatch(INDArray::wasClosed);
            });
  }

  @Test
  void noMoreReplicasTrainThanTheCheckHasApproved() {
    assertThat(new Slots(spark.sc()).now()).isEqualTo(2);
    Round round =
        training(1, slots -> slots)
            .train("a round", start(), STEPS, this::ofFirst, () -> (images, lossSum) -> {});
    assertThat(round.replicas()).isEqualTo(1);
    assertThat(round.images()).isEqualTo(STEPS);
  }

  @Test
  void fewerReplicasTrainThanWereApprovedIfThereAreNoSlotsForThem() {
    Round round =
        training(2, slots -> 1)
            .train("a round", start(), STEPS, this::ofFirst, () -> (images, lossSum) -> {});
    assertThat(round.replicas()).isEqualTo(1);
  }

  private JavaRDD<org.nd4j.linalg.dataset.api.MultiDataSet> ofFirst(int replicas) {
    return minibatches(replicas, () -> images(0));
  }

  /** The minibatches of the second replica; the first has whole ones. */
  private interface Second extends Serializable {
    Minibatches get();
  }

  private record Minibatches(float pixel, RuntimeException failure) {
    Iterator<org.nd4j.linalg.dataset.api.MultiDataSet> iterator() {
      if (failure != null) {
        throw failure;
      }
      return IntStream.range(0, STEPS).mapToObj(step -> minibatch()).iterator();
    }

    private org.nd4j.linalg.dataset.api.MultiDataSet minibatch() {
      INDArray image = Nd4j.valueArrayOf(new long[] {1, 1, 8, 8}, pixel);
      MultiDataSet minibatch =
          new MultiDataSet(
              new INDArray[] {image, Nd4j.zeros(1, 1)}, new INDArray[] {Nd4j.ones(1, 1, 8, 8)});
      USED.add(minibatch);
      return minibatch;
    }
  }

  private static Minibatches images(float pixel) {
    return new Minibatches(pixel, null);
  }

  private static Minibatches failing(RuntimeException failure) {
    return new Minibatches(0, failure);
  }

  private Round train(Second second) {
    return train(STEPS, second);
  }

  private Round train(int steps, Second second) {
    return training(2, slots -> 2)
        .train(
            "a round",
            start(),
            steps,
            replicas -> minibatches(replicas, second),
            () -> (images, lossSum) -> {});
  }

  private DataParallel training(int replicas, IntUnaryOperator replicasFor) {
    NumericIdentity numerics = NumericIdentity.useBest();
    return new DataParallel(
        spark,
        new Plan(TinyModel.settings(1), OPTIMISER, numerics, true, 0.03, UdpPorts.ANY, PATIENCE_S),
        replicas,
        replicasFor);
  }

  private static NetworkState start() {
    ComputationGraph network = UNet.create(TinyModel.settings(1), OPTIMISER);
    UNet.initialise(network, 1);
    return NetworkState.of(network);
  }

  private JavaRDD<org.nd4j.linalg.dataset.api.MultiDataSet> minibatches(
      int replicas, Second second) {
    return spark
        .parallelize(IntStream.range(0, replicas).boxed().toList(), replicas)
        .mapPartitionsWithIndex(
            (partition, ignored) -> (partition == 1 ? second.get() : images(0)).iterator(), false);
  }
}
