package flowmatching.means.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.SparkSessionExtension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.Success$;
import org.apache.spark.TaskState;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import scala.Option;
import scala.Tuple4;
import scala.collection.JavaConverters;
import scala.collection.immutable.Map$;

@ExtendWith(SparkSessionExtension.class)
class TaskSumsTest {
  private static final CountDownLatch REPORTED_WHILE_RUNNING = new CountDownLatch(1);

  private final List<Map<String, Double>> reports = Collections.synchronizedList(new ArrayList<>());
  private final TaskSums sums = new TaskSums(List.of("images", "loss"), reports::add);

  @Test
  void aRunningTaskReportsItsProgress(SparkSession spark) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var images = spark.sparkContext().longAccumulator("images");
    var reporting =
        new TaskSums(
            List.of("images"),
            current -> {
              reports.add(current);
              REPORTED_WHILE_RUNNING.countDown();
            });
    boolean reported =
        reporting.during(
            spark.sparkContext(),
            () ->
                context
                    .parallelize(List.of(3), 1)
                    .map(
                        count -> {
                          images.add(count);
                          return REPORTED_WHILE_RUNNING.await(60, TimeUnit.SECONDS);
                        })
                    .first());

    assertThat(reported).isTrue();
    assertThat(reports).containsExactly(Map.of("images", 3.0));
  }

  @Test
  void tasksAreSummedAndOnlyGrowthIsReported() {
    heartbeat(1, "images", 10);
    heartbeat(2, "images", 5);
    heartbeat(2, "images", 5);
    heartbeat(1, "images", 12);
    heartbeat(1, "something else", 99);

    assertThat(reports).extracting(sums -> sums.get("images")).containsExactly(10.0, 15.0, 17.0);
  }

  @Test
  void anEndedTaskCountsInFull() {
    heartbeat(1, "images", 10);
    end(1, TaskState.FINISHED(), 16);
    heartbeat(1, "images", 14);
    heartbeat(2, "images", 4);

    assertThat(reports).extracting(sums -> sums.get("images")).containsExactly(10.0, 16.0, 20.0);
  }

  @Test
  void theWorkOfAFailedTaskIsSubtracted() {
    heartbeat(1, "images", 10);
    end(1, TaskState.FAILED(), 10);
    heartbeat(1, "images", 10);
    heartbeat(2, "images", 4);
    end(2, TaskState.FINISHED(), 16);

    assertThat(reports).extracting(sums -> sums.get("images")).containsExactly(10.0, 16.0);
  }

  @Test
  void onlyGrowthOfTheFirstNameIsReported() {
    heartbeat(1, "loss", 0.5);
    heartbeat(1, "images", 2);
    assertThat(reports).containsExactly(Map.of("images", 2.0, "loss", 0.0));
  }

  private void heartbeat(long task, String name, double value) {
    sums.onExecutorMetricsUpdate(
        new SparkListenerExecutorMetricsUpdate(
            "1",
            JavaConverters.asScalaBuffer(
                    List.of(
                        new Tuple4<>((Object) task, (Object) 0, (Object) 0, update(name, value))))
                .toSeq(),
            Map$.MODULE$.empty()));
  }

  private void end(long task, scala.Enumeration.Value state, double images) {
    var info = new TaskInfo(task, 0, 0, 0, 0, "1", "host", TaskLocality.ANY(), false);
    info.markFinished(state, 1);
    info.setAccumulables(update("images", images));
    sums.onTaskEnd(
        new SparkListenerTaskEnd(0, 0, "ResultTask", Success$.MODULE$, info, null, null));
  }

  private static scala.collection.Seq<AccumulableInfo> update(String name, double value) {
    return JavaConverters.asScalaBuffer(
            List.of(
                new AccumulableInfo(
                    1,
                    Option.apply(name),
                    Option.apply(value),
                    Option.empty(),
                    false,
                    true,
                    Option.empty())))
        .toSeq();
  }
}
