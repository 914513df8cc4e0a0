package flowmatching.means.cluster;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** A running barrier stage: all its tasks run at once, and every wait for them is bounded. */
public final class BarrierJob<T> implements AutoCloseable {
  private static final int CANCEL_S = 5;

  private final JavaSparkContext spark;
  private final String id;
  private final TaskFailures failures;
  private final JavaFutureAction<List<T>> results;

  /** Computes a task's result from its partition. */
  public interface Work<S, T> extends Serializable {
    T of(BarrierTaskContext context, Iterator<S> partition);
  }

  private BarrierJob(JavaSparkContext spark, String id, String what, JavaRDD<T> tasks) {
    this.spark = spark;
    this.id = id;
    this.failures = new TaskFailures(id);
    spark.sc().addSparkListener(failures);
    spark.sc().setJobGroup(id, what, true);
    try {
      this.results = tasks.collectAsync();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Starts a task per partition. {@code id} is unique, and {@code what} is for Spark's UI. */
  public static <S, T> BarrierJob<T> start(
      JavaSparkContext spark, String id, String what, JavaRDD<S> partitions, Work<S, T> work) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(Object.class);
    RDD<T> tasks = partitions.rdd().barrier().mapPartitions(new Task<>(work), false, tag);
    return new BarrierJob<>(spark, id, what, JavaRDD.fromRDD(tasks, tag));
  }

  /**
   * Runs a number of tasks at once, and returns their results in the order of tasks.
   *
   * @param what describes the job in Spark's UI and in messages
   * @param seconds until the job is cancelled
   * @throws EnvironmentFailure if the job does not finish in time, or its executors fail
   * @throws Failure that a task failed with
   * @throws RunFailure if a task fails by a defect, or this thread is interrupted
   */
  public static <T> List<T> run(
      JavaSparkContext spark, String what, int tasks, int seconds, Work<Integer, T> work) {
    JavaRDD<Integer> slots = spark.parallelize(IntStream.range(0, tasks).boxed().toList(), tasks);
    String id = UUID.randomUUID().toString();
    try (BarrierJob<T> job = start(spark, id, what, slots, work)) {
      return job.awaitFor(seconds, what);
    }
  }

  private List<T> awaitFor(int seconds, String what) {
    long start = System.nanoTime();
    try {
      return await(() -> System.nanoTime() - start > TimeUnit.SECONDS.toNanos(seconds))
          .orElseThrow(() -> overdue(what, seconds));
    } catch (ExecutionException e) {
      TaskFailures all = failures.complete();
      throw all.defect(what)
          .filter(BarrierJob::isFromTask)
          .orElseGet(
              () ->
                  new EnvironmentFailure(
                      "%s failed: %s. See these executors' logs, and check that every executor runs this version of the jar."
                          .formatted(what, all),
                      e));
    }
  }

  /** Missing classes and failed casts come from another jar on an executor, not from the task. */
  private static boolean isFromTask(Failure failure) {
    return !(failure instanceof RunFailure run)
        || run.defect().filter(defect -> !(defect instanceof ClassCastException)).isPresent();
  }

  private EnvironmentFailure overdue(String what, int seconds) {
    String known = failures.toString();
    // Whether the tasks end does not matter: the application ends now.
    cancel(CANCEL_S);
    return new EnvironmentFailure(
        "%s did not finish within %d s; %s. See these executors' logs, and check on the cluster's web page that all are alive."
            .formatted(what, seconds, known));
  }

  public TaskFailures failures() {
    return failures;
  }

  /**
   * Waits for the tasks' results, in the order of partitions.
   *
   * @param overdue whether to give up, which returns no results; called once per second
   * @throws ExecutionException if a task failed
   * @throws RunFailure if this thread is interrupted
   */
  public Optional<List<T>> await(BooleanSupplier overdue) throws ExecutionException {
    while (!overdue.getAsBoolean()) {
      Optional<List<T>> found = within(1);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /**
   * Cancels the tasks, and returns whether the job ended within the given seconds.
   *
   * @throws RunFailure if this thread is interrupted
   */
  public boolean cancel(int seconds) {
    spark.sc().cancelJobGroup(id);
    try {
      return within(seconds).isPresent();
    } catch (ExecutionException e) {
      return true;
    }
  }

  private Optional<List<T>> within(int seconds) throws ExecutionException {
    try {
      return Optional.of(results.get(seconds, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      spark.sc().cancelJobGroup(id);
      Thread.currentThread().interrupt();
      throw new RunFailure("The run was interrupted.", e);
    }
  }

  @Override
  public void close() {
    spark.sc().clearJobGroup();
    spark.sc().removeSparkListener(failures);
  }

  /** The fixed version lets executors with another build of this program deserialise it. */
  private static final class Task<S, T>
      extends AbstractFunction1<scala.collection.Iterator<S>, scala.collection.Iterator<T>>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final Work<S, T> work;

    Task(Work<S, T> work) {
      this.work = work;
    }

    @Override
    public scala.collection.Iterator<T> apply(scala.collection.Iterator<S> partition) {
      T result =
          work.of((BarrierTaskContext) TaskContext.get(), JavaConverters.asJavaIterator(partition));
      return JavaConverters.asScalaIterator(List.of(result).iterator());
    }
  }
}
