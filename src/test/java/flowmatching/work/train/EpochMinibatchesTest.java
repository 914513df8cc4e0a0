package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Minibatch;
import flowmatching.means.data.IdxDataSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkSessionExtension.class)
@Computes
class EpochMinibatchesTest {
  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);
  private static final int COUNT = 50;
  private static final int BATCH_SIZE = 8;

  @Test
  void dependOnlyOnSeedEpochAndIds(SparkSession spark) {
    assertThat(fingerprints(spark, 1, 1, 3)).isEqualTo(fingerprints(spark, 7, 1, 3));
  }

  @Test
  void epochsDifferInOrderAndNoise(SparkSession spark) {
    assertThat(fingerprints(spark, 1, 1, 0))
        .doesNotContainAnyElementsOf(fingerprints(spark, 1, 1, 1));
  }

  @Test
  void aStepOfSeveralReplicasIsTheStepOfOne(SparkSession spark) {
    List<Double> one = fingerprints(spark, 2, 1, 0);
    assertThat(fingerprints(spark, 2, 2, 0)).containsExactlyInAnyOrderElementsOf(one);
  }

  @Test
  void imagesThatDoNotFillAStepAreLeftOut(SparkSession spark) {
    EpochMinibatches minibatches = new EpochMinibatches(SHAPE, COUNT, BATCH_SIZE, 1, 0);
    List<Minibatch> made = minibatches.of(images(spark, 3), 4, 0, 6).collect();
    assertThat(minibatches.steps()).isEqualTo(6);
    assertThat(made).hasSize(24);
    assertThat(made).allMatch(minibatch -> minibatch.images() == 2);
  }

  @Test
  void everyReplicaGetsTheSameNumber(SparkSession spark) {
    EpochMinibatches minibatches = new EpochMinibatches(SHAPE, COUNT, BATCH_SIZE, 1, 0);
    assertThat(minibatches.of(images(spark, 3), 4, 0, 6).glom().map(List::size).collect())
        .containsExactly(6, 6, 6, 6);
  }

  @Test
  void roundsAreTheConsecutivePartsOfAnEpoch(SparkSession spark) {
    EpochMinibatches minibatches = new EpochMinibatches(SHAPE, COUNT, BATCH_SIZE, 1, 0);
    List<Minibatch> rounds = new ArrayList<>(minibatches.of(images(spark, 3), 1, 0, 4).collect());
    rounds.addAll(minibatches.of(images(spark, 3), 1, 4, 6).collect());
    assertThat(fingerprints(rounds)).isEqualTo(fingerprints(spark, 2, 1, 0));
  }

  /** A number for each image of each minibatch that depends on its velocity and time. */
  private static List<Double> fingerprints(
      SparkSession spark, int partitions, int replicas, int epoch) {
    EpochMinibatches minibatches = new EpochMinibatches(SHAPE, COUNT, BATCH_SIZE, 1, epoch);
    return fingerprints(
        minibatches.of(images(spark, partitions), replicas, 0, minibatches.steps()).collect());
  }

  private static List<Double> fingerprints(List<Minibatch> minibatches) {
    List<Double> fingerprints = new ArrayList<>();
    for (Minibatch minibatch : minibatches) {
      for (int i = 0; i < minibatch.images(); i++) {
        double velocity = minibatch.velocities().values()[4 * i + 3];
        fingerprints.add(velocity + minibatch.conditions().get(0).values()[i]);
      }
    }
    return fingerprints;
  }

  private static Dataset<Row> images(SparkSession spark, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < COUNT; id++) {
      byte pixel = (byte) id;
      rows.add(RowFactory.create(id, 0, new byte[] {pixel, pixel, pixel, pixel}));
    }
    StructType schema = new IdxDataSource().inferSchema(null);
    return spark.createDataFrame(rows, schema).repartition(partitions);
  }
}
