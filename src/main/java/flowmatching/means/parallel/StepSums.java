package flowmatching.means.parallel;

import flowmatching.means.cluster.TaskSums;
import java.io.Serializable;
import java.util.List;
import java.util.function.ObjDoubleConsumer;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Progress of a running round. Its result comes from the replicas' reports instead.
 *
 * @param lossSum sum over minibatches of the mean loss times the number of images
 */
record StepSums(LongAccumulator images, DoubleAccumulator lossSum) implements Serializable {
  private static final String IMAGES = "images trained";
  private static final String LOSS_SUM = "loss summed over images";

  static StepSums register(SparkContext spark) {
    return new StepSums(spark.longAccumulator(IMAGES), spark.doubleAccumulator(LOSS_SUM));
  }

  /** Reports the sums with each heartbeat of Spark that adds some. */
  static TaskSums reportTo(ObjDoubleConsumer<Long> listener) {
    return new TaskSums(
        List.of(IMAGES, LOSS_SUM),
        sums -> listener.accept(sums.get(IMAGES).longValue(), sums.get(LOSS_SUM)));
  }

  void add(long moreImages, double moreLoss) {
    images.add(moreImages);
    lossSum.add(moreLoss);
  }
}
