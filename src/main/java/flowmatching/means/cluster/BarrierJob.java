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

/**
 * A barrier stage under way, whose tasks run all at once. Whoever waits for it does so within a
 * bound, whatever hangs in it.
 */
public final class BarrierJob<T> implements AutoCloseable {
  private static final int CANCEL_S = 5;

  private final JavaSparkContext spark;
  private final String id;
  private final TaskFailures failures;
  private final JavaFutureAction<List<T>> results;

  /** What each task does with its partition. */
  @FunctionalInterface
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

  /**
   * Starts a task for each partition.
   *
   * @param id of its own, which names the job group
   * @param what it is, for Spark's UI
   */
  public static <S, T> BarrierJob<T> start(
      JavaSparkContext spark, String id, String what, JavaRDD<S> partitions, Work<S, T> work) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(Object.class);
    RDD<T> tasks = partitions.rdd().barrier().mapPartitions(new Task<>(work), false, tag);
    return new BarrierJob<>(spark, id, what, JavaRDD.fromRDD(tasks, tag));
  }

  /**
   * Does some work in so many slots at once.
   *
   * @param what it is, for Spark's UI and for a sentence
   * @param seconds that it may take
   * @return what each task gives, in the order of tasks
   * @throws EnvironmentFailure where it does not end in time, or a task fails
   * @throws Failure what a task failed with
   * @throws RunFailure if a task fails by a defect, or this thread is interrupted
   */
  public static <T> List<T> run(
      JavaSparkContext spark, String what, int tasks, int seconds, Work<Integer, T> work) {
    JavaRDD<Integer> slots = spark.parallelize(IntStream.range(0, tasks).boxed().toList(), tasks);
    String id = UUID.randomUUID().toString();
    try (BarrierJob<T> job = start(spark, id, what, slots, work)) {
      return job.within(what, seconds);
    }
  }

  private List<T> within(String what, int seconds) {
    long begin = System.nanoTime();
    try {
      return await(() -> System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(seconds))
          .orElseThrow(() -> overdue(what, seconds));
    } catch (ExecutionException e) {
      TaskFailures all = failures.complete();
      Optional<Failure> failure = all.defect(what).filter(BarrierJob::isToldByTask);
      if (failure.isPresent()) {
        throw failure.get();
      }
      throw new EnvironmentFailure(
          "%s failed: %s. See these executors' logs, and that every executor runs this jar and no other version of it."
              .formatted(what, all),
          e);
    }
  }

  /** Another jar on an executor shows as classes that are missing, or that cannot be cast. */
  private static boolean isToldByTask(Failure failure) {
    return !(failure instanceof RunFailure run)
        || run.defect().filter(defect -> !(defect instanceof ClassCastException)).isPresent();
  }

  private EnvironmentFailure overdue(String what, int seconds) {
    String heard = failures.toString();
    // It ends as it may: the application ends now.
    cancel(CANCEL_S);
    return new EnvironmentFailure(
        "%s was not over within %d s; %s. See these executors' logs, and on the cluster's web page whether all are alive."
            .formatted(what, seconds, heard));
  }

  /** How its tasks failed. */
  public TaskFailures failures() {
    return failures;
  }

  /**
   * Waits for the end of all tasks.
   *
   * @param overdue asked each second, whether to give up
   * @return what each task gave, in the order of partitions; nothing where it was given up
   * @throws ExecutionException where a task failed
   * @throws RunFailure where this thread is interrupted
   */
  public Optional<List<T>> await(BooleanSupplier overdue) throws ExecutionException {
    while (!overdue.getAsBoolean()) {
      try {
        return Optional.of(results.get(1, TimeUnit.SECONDS));
      } catch (TimeoutException e) {
        // That is for the caller to say.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        spark.sc().cancelJobGroup(id);
        throw new RunFailure("The run was interrupted.", e);
      }
    }
    return Optional.empty();
  }

  /**
   * Ends the tasks.
   *
   * @return whether they ended within so many seconds
   * @throws RunFailure where this thread is interrupted
   */
  public boolean cancel(int seconds) {
    spark.sc().cancelJobGroup(id);
    try {
      results.get(seconds, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailure("The run was interrupted.", e);
    }
  }

  @Override
  public void close() {
    spark.sc().clearJobGroup();
    spark.sc().removeSparkListener(failures);
  }

  /** Spark's form of the work. Its version lets another build of this program take it. */
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
