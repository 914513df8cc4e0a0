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
import scala.collection.JavaConverters;

/** Which tasks of a job group began, and how those that failed did. */
public final class TaskFailures extends SparkListener {
  private static final int LATE_S = 30;
  private static final int LOOK_MS = 1_000;

  private final String group;
  private final Set<Object> stages = new HashSet<>();
  private final List<String> begun = new ArrayList<>();
  private final List<Failed> failed = new ArrayList<>();
  private final Set<Long> running = new HashSet<>();
  private int job;
  private boolean ended;

  /** The last words of a task that failed. */
  private record Failed(int partition, String executor, TaskFailedReason reason) {
    /** Whether its machine failed: whatever others say then may follow from that. */
    boolean isOfMachine() {
      return reason instanceof ExecutorLostFailure
          || reason instanceof FetchFailed
          || reason == TaskResultLost$.MODULE$
          || reason == Resubmitted$.MODULE$;
    }

    /** Whether it ended because others did. */
    boolean isOfOthers() {
      return reason instanceof TaskKilled
          || (reason instanceof ExceptionFailure exception
              && exception.className().equals(PeerLost.class.getName()));
    }

    String place() {
      return "partition %d on executor %s".formatted(partition, executor);
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
      return "%s: %s".formatted(place(), words.strip());
    }
  }

  /** Of the jobs in a job group. */
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
   * Waits until Spark has told of the end of all tasks, which is later than that of the job: those
   * that it ends for others' sake are still at work, and would come upon the next round or upon the
   * end of the driver.
   */
  public synchronized TaskFailures complete() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LATE_S);
    try {
      while ((!ended || !running.isEmpty()) && System.nanoTime() < deadline) {
        wait(LOOK_MS);
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
      begun.add(
          "partition %d on executor %s"
              .formatted(task.taskInfo().index(), task.taskInfo().executorId()));
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    if (!stages.contains(task.stageId())) {
      return;
    }
    running.remove(task.taskInfo().taskId());
    notifyAll();
    if (task.reason() != Success$.MODULE$ && task.reason() instanceof TaskFailedReason reason) {
      failed.add(new Failed(task.taskInfo().index(), task.taskInfo().executorId(), reason));
    }
  }

  /**
   * What to end the run with, where a task failed by itself: to try again would not help.
   *
   * @param what the job is, for a sentence
   */
  public synchronized Optional<Failure> defect(String what) {
    if (failed.stream().anyMatch(Failed::isOfMachine)) {
      return Optional.empty();
    }
    return failed.stream()
        .filter(task -> !task.isOfOthers())
        .findFirst()
        .map(task -> failure(what, task));
  }

  private static Failure failure(String what, Failed task) {
    Throwable exception = task.exception().orElse(null);
    if (exception instanceof Failure failure) {
      return failure.at("%s, %s".formatted(what, task.place()));
    }
    String sentence = "%s failed, %s.".formatted(what, task);
    return isDefect(exception)
        ? RunFailure.ofDefect(sentence, exception)
        : new RunFailure(sentence, exception);
  }

  /** Too little memory and another program's classes are no defects, nor are checked exceptions. */
  private static boolean isDefect(Throwable exception) {
    return exception instanceof RuntimeException
        || (exception instanceof Error
            && !(exception instanceof OutOfMemoryError)
            && !(exception instanceof LinkageError));
  }

  /** All last words, or who has begun where there are none. */
  @Override
  public synchronized String toString() {
    return failed.isEmpty()
        ? "begun: " + (begun.isEmpty() ? "none" : String.join(", ", begun))
        : String.join("; ", failed.stream().map(Failed::toString).toList());
  }
}
