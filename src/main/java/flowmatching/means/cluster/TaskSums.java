package flowmatching.means.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Sums of a job's accumulators over ended and running tasks. Spark's accumulators count ended tasks
 * only; the values of running ones come with the heartbeats of executors. The values of a failed
 * task are subtracted because another task repeats its work.
 */
public final class TaskSums extends SparkListener {
  private final List<String> names;
  private final Consumer<Map<String, Double>> listener;
  private final Map<String, Double> sums = new HashMap<>();
  private final Map<Long, Map<String, Double>> running = new HashMap<>();
  private final Set<Long> ended = new HashSet<>();
  private double reported;

  /**
   * Reports the sums whenever the first of them has grown.
   *
   * @param listener takes the sums by name, on a thread of Spark, one call at a time
   */
  public TaskSums(List<String> names, Consumer<Map<String, Double>> listener) {
    this.names = List.copyOf(names);
    this.listener = listener;
    names.forEach(name -> sums.put(name, 0.0));
  }

  /** Runs jobs and reports their sums meanwhile. */
  public <T> T during(SparkContext spark, Supplier<T> work) {
    spark.addSparkListener(this);
    try {
      return work.get();
    } finally {
      spark.removeSparkListener(this);
    }
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
    for (var task : JavaConverters.seqAsJavaList(heartbeat.accumUpdates())) {
      var id = (Long) task._1();
      // A heartbeat may arrive after its task has ended.
      if (!ended.contains(id)) {
        var now = updates(task._4());
        replace(running.put(id, now), now);
      }
    }
    report();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    var info = task.taskInfo();
    ended.add(info.taskId());
    var all = info.successful() ? updates(info.accumulables()) : Map.<String, Double>of();
    replace(running.remove(info.taskId()), all);
    report();
  }

  private Map<String, Double> updates(Seq<AccumulableInfo> accumulables) {
    var updates = new HashMap<String, Double>();
    for (var accumulable : JavaConverters.seqAsJavaList(accumulables)) {
      String name = accumulable.name().getOrElse(() -> "");
      if (names.contains(name) && accumulable.update().isDefined()) {
        updates.put(name, ((Number) accumulable.update().get()).doubleValue());
      }
    }
    return updates;
  }

  private void replace(Map<String, Double> before, Map<String, Double> now) {
    if (before != null) {
      before.forEach((name, value) -> sums.merge(name, -value, Double::sum));
    }
    now.forEach((name, value) -> sums.merge(name, value, Double::sum));
  }

  private void report() {
    var first = sums.get(names.get(0));
    if (first > reported) {
      reported = first;
      listener.accept(Map.copyOf(sums));
    }
  }
}
