package flowmatching.parameterserver;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.Tuple4;
import scala.collection.JavaConverters;

/**
 * What the replicas have done in the round so far, told with each of Spark's heartbeats that has
 * news.
 */
public final class StepProgress extends SparkListener {
  private final ObjDoubleConsumer<Long> news;
  private final Map<Object, Long> imagesByTask = new HashMap<>();
  private final Map<Object, Double> lossSumByTask = new HashMap<>();
  private long told;

  /**
   * Tells of one round.
   *
   * @param news takes the images of the round so far and the sum of their losses
   */
  public StepProgress(ObjDoubleConsumer<Long> news) {
    this.news = news;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
    for (Tuple4<Object, Object, Object, scala.collection.Seq<AccumulableInfo>> task :
        JavaConverters.seqAsJavaList(heartbeat.accumUpdates())) {
      for (AccumulableInfo accumulable : JavaConverters.seqAsJavaList(task._4())) {
        if (accumulable.name().isDefined() && accumulable.update().isDefined()) {
          note(task._1(), accumulable.name().get(), accumulable.update().get());
        }
      }
    }
    long images = imagesByTask.values().stream().mapToLong(Long::longValue).sum();
    if (images > told) {
      told = images;
      news.accept(images, lossSumByTask.values().stream().mapToDouble(Double::doubleValue).sum());
    }
  }

  private void note(Object task, String name, Object value) {
    if (name.equals(StepSums.IMAGES)) {
      imagesByTask.put(task, ((Number) value).longValue());
    } else if (name.equals(StepSums.LOSS_SUM)) {
      lossSumByTask.put(task, ((Number) value).doubleValue());
    }
  }
}
