package flowmatching.means.cluster;

import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.FetchFailed;
import org.apache.spark.Resubmitted$;
import org.apache.spark.Success$;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.TaskResultLost$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;
import scala.collection.JavaConverters;

/** The tasks of a job group that started, and the causes of those that failed. */
public final class TaskFailures extends SparkListener {
  private static final int TASK_END_S = 30;
  private static final int POLL_MS = 1_000;

  private final String group;
  private final Set<Object> stages = new HashSet<>();
  private final List<String> started = new ArrayList<>();
  private final List<Failed> failed = new ArrayList<>();
  private final Set<Long> running = new HashSet<>();
  private int job;
  private boolean ended;

  private record Failed(String place, TaskFailedReason reason) {
    /** Whether its executor or machine was lost; other tasks may have failed because of that. */
    boolean isMachineLost() {
      return reason instanceof ExecutorLostFailure
          || reason instanceof FetchFailed
          || reason == TaskResultLost$.MODULE$
          || reason == Resubmitted$.MODULE$;
    }

    /** Whether it failed because other tasks did. */
    boolean isConsequence() {
      return reason instanceof TaskKilled
          || (reason instanceof ExceptionFailure exception
              && exception.className().equals(PeerLost.class.getName()));
    }

    /** Null if the task has not thrown it, or this process cannot deserialise it. */
    Throwable exception() {
      return reason instanceof ExceptionFailure failure
          ? failure.exception().getOrElse(() -> null)
          : null;
    }

    @Override
    public String toString() {
      String cause =
          reason instanceof ExceptionFailure exception
              ? exception.className() + ": " + exception.description()
              : reason.toErrorString();
      return "%s: %s".formatted(place, cause.strip());
    }
  }

  TaskFailures(String group) {
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
      ended = true;
      notifyAll();
    }
  }

  @Override
  public synchronized void onApplicationEnd(SparkListenerApplicationEnd end) {
    ended = true;
    running.clear();
    notifyAll();
  }

  /**
   * Waits until all tasks have ended. Spark reports the end of a failed job earlier, while it still
   * kills tasks, which would disturb the next round or the end of the driver.
   */
  public synchronized TaskFailures complete() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TASK_END_S);
    try {
      while ((!ended || !running.isEmpty()) && System.nanoTime() < deadline) {
        wait(POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return this;
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart task) {
    if (stages.contains(task.stageId())) {
      running.add(task.taskInfo().taskId());
      started.add(place(task.taskInfo()));
    }
  }

  private static String place(TaskInfo task) {
    return "partition %d on executor %s".formatted(task.index(), task.executorId());
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    if (!stages.contains(task.stageId())) {
      return;
    }
    running.remove(task.taskInfo().taskId());
    notifyAll();
    if (task.reason() != Success$.MODULE$ && task.reason() instanceof TaskFailedReason reason) {
      failed.add(new Failed(place(task.taskInfo()), reason));
    }
  }

  /** The failure to end a job with, if a task failed by itself: a retry would not help. */
  public synchronized Optional<Failure> defect(String what) {
    return failed.stream().anyMatch(Failed::isMachineLost)
        ? Optional.empty()
        : failed.stream()
            .filter(task -> !task.isConsequence())
            .findFirst()
            .map(task -> failure(what, task));
  }

  private static Failure failure(String what, Failed task) {
    Throwable exception = task.exception();
    if (exception instanceof Failure failure) {
      return failure.at("%s, %s".formatted(what, task.place()));
    }
    String sentence = "%s failed, %s.".formatted(what, task);
    return isDefect(exception)
        ? RunFailure.ofDefect(sentence, exception)
        : new RunFailure(sentence, exception);
  }

  /** Lack of memory, incompatible classes and checked exceptions are not defects. */
  private static boolean isDefect(Throwable exception) {
    return exception instanceof RuntimeException
        || (exception instanceof Error
            && !(exception instanceof OutOfMemoryError)
            && !(exception instanceof LinkageError));
  }

  /** All failures, or the tasks that started if none failed. */
  @Override
  public synchronized String toString() {
    return failed.isEmpty()
        ? "tasks started: " + (started.isEmpty() ? "none" : String.join(", ", started))
        : String.join("; ", failed.stream().map(Failed::toString).toList());
  }
}
