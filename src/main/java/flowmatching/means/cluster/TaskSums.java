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
 * What the tasks of a job have added to its accumulators so far. The accumulators themselves hold
 * that of ended tasks only; of running ones, each heartbeat of an executor tells. What a failed
 * task added is taken away again, since another task does its work anew.
 */
public class TaskSums extends SparkListener {
  private final List<String> names;
  private final Consumer<Map<String, Double>> news;
  private final Map<String, Double> sums = new HashMap<>();
  private final Map<Long, Map<String, Double>> running = new HashMap<>();
  private final Set<Long> ended = new HashSet<>();
  private double told;

  /**
   * Sums that are told whenever the first of them has grown.
   *
   * @param names of numeric accumulators
   * @param news takes the sum of each name, on a thread of Spark's, one call at a time
   */
  public TaskSums(List<String> names, Consumer<Map<String, Double>> news) {
    this.names = List.copyOf(names);
    this.news = news;
    names.forEach(name -> sums.put(name, 0.0));
  }

  /** Does work that runs jobs, and listens meanwhile. */
  public final <T> T during(SparkContext spark, Supplier<T> work) {
    spark.addSparkListener(this);
    try {
      return work.get();
    } finally {
      spark.removeSparkListener(this);
    }
  }

  @Override
  public final void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
    for (var task : JavaConverters.seqAsJavaList(heartbeat.accumUpdates())) {
      var id = (Long) task._1();
      // A heartbeat may arrive after its task has ended.
      if (!ended.contains(id)) {
        var now = updates(task._4());
        replace(running.put(id, now), now);
      }
    }
    tell();
  }

  @Override
  public final void onTaskEnd(SparkListenerTaskEnd task) {
    var info = task.taskInfo();
    ended.add(info.taskId());
    replace(
        running.remove(info.taskId()), info.successful() ? updates(info.accumulables()) : Map.of());
    tell();
  }

  private Map<String, Double> updates(Seq<AccumulableInfo> accumulables) {
    var updates = new HashMap<String, Double>();
    for (var accumulable : JavaConverters.seqAsJavaList(accumulables)) {
      if (accumulable.name().isDefined()
          && names.contains(accumulable.name().get())
          && accumulable.update().isDefined()) {
        updates.put(accumulable.name().get(), ((Number) accumulable.update().get()).doubleValue());
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

  private void tell() {
    var first = sums.get(names.get(0));
    if (first > told) {
      told = first;
      news.accept(Map.copyOf(sums));
    }
  }
}
