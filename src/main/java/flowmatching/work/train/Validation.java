package flowmatching.work.train;

import flowmatching.base.settings.ModelSettings;
import flowmatching.flow.Minibatch;
import flowmatching.flow.SquaredError;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.data.LabelledImage;
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

/** The loss on other images than those trained on, with the same noise and times in every epoch. */
final class Validation implements AutoCloseable {
  private static final int BATCH_SIZE = ThreadedNetwork.PIECE_IMAGES;

  private final JavaSparkContext spark;
  private final JavaRDD<Row> images;
  private final long count;
  private final Losses losses;

  Validation(RunContext run) {
    ModelSettings model = run.settings().model();
    this.spark = JavaSparkContext.fromSparkContext(run.spark().sparkContext());
    this.images =
        run.validationImages().rows(run.spark(), spark.defaultParallelism()).javaRDD().cache();
    this.count = run.validationImages().count();
    this.losses =
        new Losses(
            model, MinibatchMaker.validation(model.image(), run.train().seed()), run.numerics());
  }

  /**
   * The mean loss over all validation images.
   *
   * @param values of the parameters, in the order of the network's layout
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

  /** The work of a task. */
  private record Losses(ModelSettings model, MinibatchMaker maker, NumericIdentity numerics)
      implements Serializable {

    /** The sum of the losses, per batch of a partition. */
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
      List<LabelledImage> batch = new ArrayList<>();
      while (rows.hasNext()) {
        batch.add(LabelledImage.of(rows.next()));
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
