package flowmatching.work.train;

import flowmatching.base.settings.ModelSettings;
import flowmatching.flow.Minibatch;
import flowmatching.flow.SquaredError;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.data.ImageSet;
import flowmatching.network.Network;
import flowmatching.network.ThreadedNetwork;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.dl4j.UNet;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The loss on images that are not trained on, with the same noise and time for each every time. */
final class Validation implements AutoCloseable {
  private static final int BATCH_SIZE = ThreadedNetwork.PIECE_IMAGES;

  private final JavaSparkContext spark;
  private final JavaRDD<Row> images;
  private final long count;
  private final Losses losses;

  /**
   * The loss on a set of images.
   *
   * @param numerics of the run, which every task adopts
   */
  Validation(
      SparkSession spark,
      ImageSet images,
      ModelSettings model,
      long seed,
      NumericIdentity numerics) {
    this.spark = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.images = images.rows(spark, spark.sparkContext().defaultParallelism()).javaRDD().cache();
    this.count = images.count();
    this.losses = new Losses(model, MinibatchMaker.validation(model.image(), seed), numerics);
  }

  /**
   * The mean over all validation images.
   *
   * @param values of the network's parameters, in the order of its layout
   */
  double loss(float[] values) {
    Broadcast<float[]> parameters = spark.broadcast(values);
    try {
      Losses perPartition = losses;
      double sum = 0;
      for (double part :
          images.mapPartitions(rows -> perPartition.sums(rows, parameters.value())).collect()) {
        sum += part;
      }
      return sum / count;
    } finally {
      parameters.destroy();
    }
  }

  @Override
  public void close() {
    images.unpersist();
  }

  /** What a task does. */
  private record Losses(ModelSettings model, MinibatchMaker maker, NumericIdentity numerics)
      implements Serializable {

    /** The sum of the losses of each batch of a partition. */
    Iterator<Double> sums(Iterator<Row> rows, float[] parameters) {
      return ComputeTask.run(
          numerics,
          () -> {
            try (Network network = UNet.create(model, 1)) {
              network.assign(parameters);
              return sums(rows, network).iterator();
            }
          });
    }

    private List<Double> sums(Iterator<Row> rows, Network network) {
      List<Double> sums = new ArrayList<>();
      List<Example> batch = new ArrayList<>();
      while (rows.hasNext()) {
        batch.add(Example.of(rows.next()));
        if (batch.size() == BATCH_SIZE || !rows.hasNext()) {
          Minibatch minibatch = maker.minibatch(batch);
          sums.add(
              SquaredError.sum(
                  network.velocity(minibatch.points(), minibatch.conditions()), minibatch));
          batch.clear();
        }
      }
      return sums;
    }
  }
}
