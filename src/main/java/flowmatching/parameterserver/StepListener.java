package flowmatching.parameterserver;

import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/**
 * Adds each step of the replicas of this JVM to Spark's accumulators, which the driver sees with
 * every heartbeat.
 */
final class StepListener extends BaseTrainingListener {
  private final LongAccumulator images;
  private final LongAccumulator minibatches;
  private final DoubleAccumulator lossSum;

  StepListener(StepSums sums) {
    this.images = sums.images();
    this.minibatches = sums.minibatches();
    this.lossSum = sums.lossSum();
  }

  /** Several replicas of one JVM may step at once, and Spark's accumulators are for one thread. */
  @Override
  public synchronized void iterationDone(Model model, int iteration, int epoch) {
    long batch = model.batchSize();
    images.add(batch);
    minibatches.add(1);
    lossSum.add(model.score() * batch);
  }
}
