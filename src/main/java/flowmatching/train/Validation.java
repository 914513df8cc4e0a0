package flowmatching.train;

import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.parallel.Devices;
import flowmatching.settings.ModelSettings;
import flowmatching.unet.Minibatches;
import flowmatching.unet.NetworkCopies;
import flowmatching.unet.NetworkLoss;
import flowmatching.unet.UNet;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** The loss on images that are not trained on, with the same noise and time for each every time. */
final class Validation implements AutoCloseable {
  private static final int BATCH_SIZE = NetworkCopies.PIECE_IMAGES;

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

  /** The mean over all validation images. */
  double loss(ComputationGraph network) {
    Broadcast<float[]> parameters = spark.broadcast(network.params().toFloatVector());
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
      numerics.adopt(Devices.ofTask());
      ComputationGraph network = UNet.create(model, new NoOp());
      try (INDArray vector = Nd4j.createFromArray(parameters)) {
        network.setParams(vector);
        return sums(rows, network).iterator();
      } finally {
        network.close();
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
      }
    }

    private List<Double> sums(Iterator<Row> rows, ComputationGraph network) {
      List<Double> sums = new ArrayList<>();
      List<Example> batch = new ArrayList<>();
      while (rows.hasNext()) {
        Row row = rows.next();
        batch.add(new Example(row.getAs("id"), row.getAs("pixels")));
        if (batch.size() == BATCH_SIZE || !rows.hasNext()) {
          sums.add(loss(network, batch) * batch.size());
          batch.clear();
        }
      }
      return sums;
    }

    private double loss(ComputationGraph network, List<Example> batch) {
      MultiDataSet minibatch = maker.minibatch(batch);
      try {
        return NetworkLoss.of(network, minibatch);
      } finally {
        Minibatches.close(minibatch);
      }
    }
  }
}
