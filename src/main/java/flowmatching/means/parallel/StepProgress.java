package flowmatching.means.parallel;

import flowmatching.means.cluster.TaskSums;
import java.util.List;
import java.util.function.ObjDoubleConsumer;

/**
 * What the replicas have done in the round so far, told with each of Spark's heartbeats that has
 * news.
 */
public final class StepProgress extends TaskSums {
  /**
   * Tells of one round.
   *
   * @param news takes the images of the round so far and the sum of their losses
   */
  public StepProgress(ObjDoubleConsumer<Long> news) {
    super(
        List.of(StepSums.IMAGES, StepSums.LOSS_SUM),
        sums -> news.accept(sums.get(StepSums.IMAGES).longValue(), sums.get(StepSums.LOSS_SUM)));
  }
}
