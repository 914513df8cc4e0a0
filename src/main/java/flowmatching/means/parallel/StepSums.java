package flowmatching.means.parallel;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * What the replicas have done in a round so far, for those who watch. The round's result is in the
 * replicas' reports.
 *
 * @param lossSum each minibatch's mean loss times its images
 */
record StepSums(LongAccumulator images, DoubleAccumulator lossSum) implements Serializable {
  static final String IMAGES = "images trained";
  static final String LOSS_SUM = "loss summed over images";

  static StepSums register(SparkContext spark) {
    return new StepSums(spark.longAccumulator(IMAGES), spark.doubleAccumulator(LOSS_SUM));
  }

  void add(long moreImages, double moreLoss) {
    images.add(moreImages);
    lossSum.add(moreLoss);
  }
}
