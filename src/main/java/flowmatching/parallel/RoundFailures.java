package flowmatching.parallel;

import flowmatching.parameterserver.PeerLost;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.FetchFailed;
import org.apache.spark.Success$;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.collection.JavaConverters;

/** Which replicas of a round began, and how those that failed did. */
final class RoundFailures extends SparkListener {
  private static final int LATE_S = 10;

  private final String group;
  private final Set<Object> stages = new HashSet<>();
  private int job;
  private final List<String> begun = new ArrayList<>();
  private final List<Failed> failed = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  /** A failed replica's last words. */
  private record Failed(int rank, String executor, TaskFailedReason reason) {
    /** Whether it fell because others did, or its machine: trying again may help. */
    boolean isLoss() {
      return reason instanceof ExecutorLostFailure
          || reason instanceof FetchFailed
          || reason instanceof TaskKilled
          || (reason instanceof ExceptionFailure exception
              && (exception.className().equals(PeerLost.class.getName())
                  || exception.className().equals(ReplicaLost.class.getName())));
    }

    Optional<Throwable> exception() {
      return reason instanceof ExceptionFailure failure && failure.exception().isDefined()
          ? Optional.of(failure.exception().get())
          : Optional.empty();
    }

    @Override
    public String toString() {
      String words =
          reason instanceof ExceptionFailure exception
              ? exception.className() + ": " + exception.description()
              : reason.toErrorString();
      return "replica (partition) %d on executor %s: %s".formatted(rank, executor, words.strip());
    }
  }

  /** Of the jobs in a job group. */
  RoundFailures(String group) {
    this.group = group;
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart job) {
    if (group.equals(job.properties().getProperty("spark.jobGroup.id"))) {
      this.job = job.jobId();
      stages.addAll(JavaConverters.seqAsJavaList(job.stageIds()));
    }
  }

  @Override
  public synchronized void onJobEnd(SparkListenerJobEnd end) {
    if (!stages.isEmpty() && end.jobId() == job) {
      ended.countDown();
    }
  }

  /** Spark tells its listeners a little later than those who wait for the job. */
  RoundFailures complete() {
    try {
      ended.await(LATE_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return this;
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart task) {
    if (stages.contains(task.stageId())) {
      begun.add(
          "replica %d on executor %s"
              .formatted(task.taskInfo().index(), task.taskInfo().executorId()));
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    if (stages.contains(task.stageId())
        && task.reason() != Success$.MODULE$
        && task.reason() instanceof TaskFailedReason reason) {
      failed.add(new Failed(task.taskInfo().index(), task.taskInfo().executorId(), reason));
    }
  }

  /** What failed by itself, with the replica and the executor, where something did. */
  synchronized Optional<Throwable> cause() {
    return failed.stream().filter(f -> !f.isLoss()).findFirst().flatMap(Failed::exception);
  }

  /** The replica and executor that failed by itself, where one did. */
  synchronized Optional<String> culprit() {
    return failed.stream().filter(f -> !f.isLoss()).findFirst().map(Failed::toString);
  }

  /** All last words, or who has begun where there are none. */
  @Override
  public synchronized String toString() {
    return failed.isEmpty()
        ? "begun: " + (begun.isEmpty() ? "none" : String.join(", ", begun))
        : String.join("; ", failed.stream().map(Failed::toString).toList());
  }
}
