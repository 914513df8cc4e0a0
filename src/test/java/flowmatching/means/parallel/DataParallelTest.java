package flowmatching.means.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.UdpPorts;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.means.cluster.TaskSlots;
import flowmatching.means.model.TinyModel;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.TrainingState;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Failures and results of two replicas in one JVM. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class DataParallelTest {
  private static final int STEPS = 2;
  private static final int PATIENCE_S = 600;
  private static final int RETURN_S = 3;
  private static final Adam OPTIMISER = new Adam(LearningRate.constant(1e-3));

  private JavaSparkContext spark;

  @BeforeEach
  void context(SparkSession session) {
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  @Test
  void aDefectIsReportedWithItsTask() {
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
  void aCauseWithoutAMessageIsNamedByItsClass() {
    assertThat(DataParallel.firstLine(new ExecutionException(new NullPointerException())))
        .isEqualTo("NullPointerException");
    assertThat(DataParallel.firstLine(new ExecutionException(new IOException("a\nb"))))
        .isEqualTo("a");
  }

  @Test
  void aDataFailureKeepsItsKind() {
    assertThatThrownBy(() -> train(() -> failing(new DataFailure("A file is damaged."))))
        .isInstanceOf(DataFailure.class)
        .hasMessage("a round, partition 1 on executor driver: A file is damaged.");
  }

  @Test
  void aLossThatIsNotANumberEndsTheRound() {
    assertThatThrownBy(() -> train(() -> images(Float.NaN)))
        .isInstanceOf(RunFailure.class)
        .hasMessageStartingWith("a round, partition ")
        .isInstanceOfSatisfying(RunFailure.class, failure -> assertThat(failure.defect()).isEmpty())
        .hasMessageContaining(
            "The loss is NaN in step 1 of the run, with a learning rate of 0.001 and a threshold of 0.03");
  }

  @Test
  void fewerMinibatchesThanStepsFail() {
    assertThatThrownBy(() -> train(STEPS + 1, () -> images(0)))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("made 2 steps of 3: its partition of the data is not complete");
  }

  @Test
  void allImagesAreCounted() {
    Round round = train(() -> images(0));
    assertThat(round.images()).isEqualTo(2 * STEPS);
    assertThat(round.state().step()).isEqualTo(STEPS);
  }

  @Test
  void replicasNeverExceedTheApprovedNumber() {
    assertThat(new TaskSlots(spark.sc()).now()).isEqualTo(2);
    Round round =
        training(1, slots -> slots)
            .train("a round", start(), STEPS, this::ofFirst, () -> (images, lossSum) -> {});
    assertThat(round.replicas()).isEqualTo(1);
    assertThat(round.images()).isEqualTo(STEPS);
  }

  @Test
  void fewerReplicasTrainIfSlotsAreMissing() {
    Round round =
        training(2, slots -> 1)
            .train("a round", start(), STEPS, this::ofFirst, () -> (images, lossSum) -> {});
    assertThat(round.replicas()).isEqualTo(1);
  }

  private JavaRDD<Minibatch> ofFirst(int replicas) {
    return minibatches(replicas, () -> images(0));
  }

  /** The minibatches of the second replica; those of the first are good. */
  private interface Second extends Serializable {
    Minibatches get();
  }

  private record Minibatches(float pixel, RuntimeException failure) {
    Iterator<Minibatch> iterator() {
      if (failure != null) {
        throw failure;
      }
      return IntStream.range(0, STEPS).mapToObj(step -> minibatch()).iterator();
    }

    private Minibatch minibatch() {
      ImageBatch image = ImageBatch.zeros(TinyModel.settings(1).image(), 1);
      Arrays.fill(image.values(), pixel);
      ImageBatch velocity = ImageBatch.zeros(image.shape(), 1);
      Arrays.fill(velocity.values(), 1);
      return new Minibatch(image, List.of(Condition.time(0, 1)), velocity, new float[] {1});
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
    NumericIdentity numerics = NumericIdentity.useBest(Precision.FLOAT32);
    return new DataParallel(
        spark,
        new Plan(
            TinyModel.settings(1),
            OPTIMISER,
            ExponentialAverage.NONE,
            numerics,
            true,
            0.03,
            UdpPorts.ANY,
            PATIENCE_S),
        replicas,
        replicasFor,
        RETURN_S);
  }

  private static TrainingState start() {
    return TrainingState.initial(
        UNet.layout(TinyModel.settings(1)), TinyModel.parameters(1, 1), false);
  }

  private JavaRDD<Minibatch> minibatches(int replicas, Second second) {
    return spark
        .parallelize(IntStream.range(0, replicas).boxed().toList(), replicas)
        .mapPartitionsWithIndex(
            (partition, ignored) -> (partition == 1 ? second.get() : images(0)).iterator(), false);
  }
}
