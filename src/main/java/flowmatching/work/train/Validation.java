package flowmatching.work.train;

import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.flow.Minibatch;
import flowmatching.flow.SquaredError;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.data.LabelledImage;
import flowmatching.network.Network;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.dl4j.UNet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/**
 * The loss on other images than those trained on, with the same noise and times in every epoch.
 *
 * @param rows the images, cached until this is closed
 */
record Validation(RunContext run, JavaRDD<Row> rows) implements AutoCloseable {
  private static final int BATCH_SIZE = 64;

  static Validation of(RunContext run) {
    int partitions = run.context().defaultParallelism();
    return new Validation(
        run, run.validationImages().rows(run.spark(), partitions).javaRDD().cache());
  }

  /** The mean loss over all validation images, with parameters in the network's layout. */
  double loss(float[] values) {
    ModelSettings model = run.settings().model();
    MinibatchMaker maker = MinibatchMaker.validation(model.image(), run.train().seed());
    NumericIdentity numerics = run.numerics();
    Broadcast<float[]> parameters = run.context().broadcast(values);
    try {
      List<Double> sums =
          rows.mapPartitions(
                  images ->
                      ComputeTask.run(
                          numerics,
                          () ->
                              sums(images, model, numerics.precision(), parameters.value(), maker)))
              .collect();
      double sum = 0;
      for (double part : sums) {
        sum += part;
      }
      return sum / run.validationImages().count();
    } finally {
      parameters.destroy();
    }
  }

  /** The sum of the losses, per batch of a partition. */
  private static Iterator<Double> sums(
      Iterator<Row> rows,
      ModelSettings model,
      Precision precision,
      float[] parameters,
      MinibatchMaker maker) {
    List<Double> sums = new ArrayList<>();
    List<LabelledImage> batch = new ArrayList<>();
    try (Network network = UNet.create(model, precision, 1)) {
      network.assign(parameters);
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
    }
    return sums.iterator();
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
