package flowmatching.parallel;

import flowmatching.failure.EnvironmentFailure;
import flowmatching.failure.RunFailure;
import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** A barrier stage that ends within a bound, whatever hangs in it. */
public final class BoundedStage {
  private static final int CANCEL_S = 5;

  private BoundedStage() {}

  /** What each task does. */
  @FunctionalInterface
  public interface Work<T> extends Serializable {
    T of(BarrierTaskContext context);
  }

  /**
   * Runs work in so many slots at once.
   *
   * @param what it is, for Spark's UI and for a sentence
   * @param seconds that it may take
   * @return what each task gives, in the order of tasks
   * @throws EnvironmentFailure where it does not end in time, or a task fails
   */
  public static <T> List<T> run(
      JavaSparkContext spark, String what, int tasks, int seconds, Work<T> work) {
    String group = UUID.randomUUID().toString();
    RoundFailures failures = new RoundFailures(group);
    spark.sc().addSparkListener(failures);
    spark.sc().setJobGroup(group, what, true);
    try {
      return await(start(spark, tasks, work), spark, group, what, seconds, failures);
    } finally {
      spark.sc().clearJobGroup();
      spark.sc().removeSparkListener(failures);
    }
  }

  private static <T> JavaFutureAction<List<T>> start(
      JavaSparkContext spark, int tasks, Work<T> work) {
    JavaRDD<Integer> slots = spark.parallelize(IntStream.range(0, tasks).boxed().toList(), tasks);
    ClassTag<T> tag = ClassTag$.MODULE$.apply(Object.class);
    return JavaRDD.fromRDD(slots.rdd().barrier().mapPartitions(new Task<>(work), false, tag), tag)
        .collectAsync();
  }

  private static <T> List<T> await(
      JavaFutureAction<List<T>> results,
      JavaSparkContext spark,
      String group,
      String what,
      int seconds,
      RoundFailures failures) {
    try {
      return results.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      String heard = failures.toString();
      cancel(results, spark, group);
      throw new EnvironmentFailure(
          "%s was not over within %d s; %s. See these executors' logs, and on the cluster's web page whether all are alive."
              .formatted(what, seconds, heard),
          e);
    } catch (ExecutionException e) {
      throw new EnvironmentFailure(
          "%s failed: %s. See these executors' logs, and that every executor runs this jar and no other version of it."
              .formatted(what, failures.complete()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      spark.sc().cancelJobGroup(group);
      throw new RunFailure("The run was interrupted.", e);
    }
  }

  private static void cancel(JavaFutureAction<?> results, JavaSparkContext spark, String group) {
    spark.sc().cancelJobGroup(group);
    try {
      results.get(CANCEL_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // It ends as it may: the application ends now.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spark's form of the work. Its version lets another build of this program take it. */
  private static final class Task<T> extends AbstractFunction1<Iterator<Integer>, Iterator<T>>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final Work<T> work;

    Task(Work<T> work) {
      this.work = work;
    }

    @Override
    public Iterator<T> apply(Iterator<Integer> slot) {
      T result = work.of((BarrierTaskContext) TaskContext.get());
      return JavaConverters.asScalaIterator(List.of(result).iterator());
    }
  }
}
