package flowmatching.parameterserver;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * What the replicas have done in a round so far.
 *
 * @param lossSum each minibatch's mean loss times its images
 */
record StepSums(LongAccumulator images, LongAccumulator minibatches, DoubleAccumulator lossSum)
    implements Serializable {
  static final String IMAGES = "images trained";
  static final String LOSS_SUM = "loss summed over images";

  static StepSums register(SparkContext spark) {
    return new StepSums(
        spark.longAccumulator(IMAGES),
        spark.longAccumulator("minibatches trained"),
        spark.doubleAccumulator(LOSS_SUM));
  }
}
