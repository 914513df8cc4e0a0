package flowmatching.means.parallel;

import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import flowmatching.flow.Minibatch;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.Slots;
import flowmatching.means.cluster.TaskFailures;
import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.ObjDoubleConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains replicas of a network in rounds. A round starts all replicas from one state and ends with
 * one state; it is a function of that state and its minibatches, and changes nothing else. Where
 * replicas are lost, it is made again from its start with those that there are.
 */
public final class DataParallel {
  private static final Logger LOG = LoggerFactory.getLogger(DataParallel.class);

  /** A round that fails so often in a row is not tried again. */
  private static final int ATTEMPTS = 5;

  /** Seconds for a lost executor to come back before its share goes to the others. */
  private static final int RETURN_S = 60;

  /**
   * More than the seconds after which Spark gives up an executor that hangs, and starts another.
   */
  private static final int SILENCE_S = 240;

  /** Seconds for tasks to end after their job was cancelled. */
  private static final int CANCEL_S = 30;

  private final JavaSparkContext spark;
  private final Plan plan;
  private final IntUnaryOperator replicasFor;
  private int replicas;

  /**
   * Training that has not begun.
   *
   * @param replicas that the check before the run has approved; there are never more
   * @param replicasFor how many there are to be in so many slots
   */
  public DataParallel(
      JavaSparkContext spark, Plan plan, int replicas, IntUnaryOperator replicasFor) {
    this.spark = spark;
    this.plan = plan;
    this.replicasFor = slots -> Math.min(replicas, replicasFor.applyAsInt(slots));
    this.replicas = replicas;
  }

  /**
   * Trains on the minibatches once.
   *
   * @param what is done, for Spark's UI
   * @param steps of each replica
   * @param minibatches for so many replicas, a partition each, all of {@code steps}
   * @param news for each attempt, takes its images so far and the sum of their losses
   * @throws Failure what a replica failed with
   * @throws RunFailure where it cannot be ended
   */
  public Round train(
      String what,
      TrainingState start,
      int steps,
      IntFunction<JavaRDD<Minibatch>> minibatches,
      Supplier<ObjDoubleConsumer<Long>> news) {
    Broadcast<TrainingState> broadcast = spark.broadcast(start);
    try {
      for (int attempt = 1; ; attempt++) {
        replicas = awaitReplicas();
        try {
          return attempt(what, broadcast, steps, minibatches.apply(replicas), news.get());
        } catch (RoundLost e) {
          if (attempt == ATTEMPTS) {
            throw new RunFailure(
                "%s failed %d times in a row, at last so: %s. The same command resumes from the last checkpoint."
                    .formatted(what, ATTEMPTS, e.getMessage()),
                e);
          }
          LOG.warn("{} is begun anew, since it was lost: {}", what, e.getMessage());
        }
      }
    } finally {
      broadcast.destroy();
    }
  }

  /**
   * As many as in the round before, or more again if some had been lost; fewer only if some do not
   * come back.
   */
  private int awaitReplicas() {
    int before = replicas;
    int now =
        replicasFor.applyAsInt(
            new Slots(spark.sc())
                .await(slots -> replicasFor.applyAsInt(slots) >= before, RETURN_S));
    if (now == 0) {
      throw new RunFailure(
          "No executor is left, and none came within %d s: see the cluster's logs for why they ended. The same command resumes from the last checkpoint."
              .formatted(RETURN_S));
    }
    if (now != before) {
      LOG.warn("The run goes on with other replicas: {} in place of {}", now, before);
    }
    return now;
  }

  private Round attempt(
      String what,
      Broadcast<TrainingState> start,
      int steps,
      JavaRDD<Minibatch> minibatches,
      ObjDoubleConsumer<Long> news) {
    String id = UUID.randomUUID().toString();
    long begin = System.nanoTime();
    Alive alive = new Alive();
    StepProgress progress =
        new StepProgress(
            (images, lossSum) -> {
              alive.sign();
              news.accept(images, lossSum);
            });
    ReplicaTask task = new ReplicaTask(id, plan, start, StepSums.register(spark.sc()));
    spark.sc().addSparkListener(progress);
    try (BarrierJob<ReplicaReport> job = BarrierJob.start(spark, id, what, minibatches, task)) {
      return round(await(job, what, alive), steps, begin);
    } finally {
      spark.sc().removeSparkListener(progress);
    }
  }

  private List<ReplicaReport> await(BarrierJob<ReplicaReport> job, String what, Alive alive) {
    // A replica gives up after its patience; the driver only where none of them could.
    int patienceS = Math.max(2 * plan.patienceS(), SILENCE_S);
    try {
      return job.await(() -> alive.silentForS() > patienceS).orElseThrow(() -> silent(job, alive));
    } catch (ExecutionException e) {
      TaskFailures failures = job.failures().complete();
      Optional<Failure> defect = failures.defect(what);
      throw defect.isPresent()
          ? defect.get()
          : new RoundLost("%s (%s)".formatted(failures, firstLine(e)));
    }
  }

  private static RuntimeException silent(BarrierJob<ReplicaReport> job, Alive alive) {
    long silentS = alive.silentForS();
    if (!job.cancel(CANCEL_S)) {
      return new RunFailure(
          "Spark could not end the round's tasks within %d s: end the application on the cluster. The same command resumes from the last checkpoint."
              .formatted(CANCEL_S));
    }
    return new RoundLost(
        "nothing was heard for %d s; %s".formatted(silentS, job.failures().complete()));
  }

  static String firstLine(ExecutionException e) {
    String message = e.getCause().getMessage();
    return message == null
        ? e.getCause().getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }

  private Round round(List<ReplicaReport> reports, int steps, long begin) {
    long images = 0;
    double lossSum = 0;
    Traffic traffic = Traffic.NONE;
    for (ReplicaReport report : reports) {
      if (report.steps() != steps) {
        throw new RunFailure(
            "The replica on executor %s made %d steps of %d: its partition of the data is not whole."
                .formatted(report.executor(), report.steps(), steps));
      }
      images += report.images();
      lossSum += report.lossSum();
      traffic = traffic.plus(report.traffic());
    }
    if (plan.shareGradients()
        && reports.stream().mapToInt(ReplicaReport::fingerprint).distinct().count() != 1) {
      throw new RunFailure(
          "The replicas' parameters differ after a round that they made together. The same command resumes from the last checkpoint.");
    }
    List<TrainingState> states =
        reports.stream().map(ReplicaReport::state).filter(state -> state != null).toList();
    return new Round(
        TrainingState.mean(states),
        images,
        lossSum,
        reports.size(),
        traffic,
        seconds(reports, (System.nanoTime() - begin) * 1e-9));
  }

  private static Round.Seconds seconds(List<ReplicaReport> reports, double all) {
    double data = mean(reports, ReplicaReport.Times::data);
    double exchange = mean(reports, ReplicaReport.Times::exchange);
    double waiting = mean(reports, ReplicaReport.Times::waiting);
    double steps = mean(reports, ReplicaReport.Times::steps);
    return new Round.Seconds(
        steps - data - exchange - waiting, data, exchange, waiting, all - steps);
  }

  private static double mean(
      List<ReplicaReport> reports, ToDoubleFunction<ReplicaReport.Times> seconds) {
    return reports.stream().map(ReplicaReport::times).mapToDouble(seconds).average().orElseThrow();
  }

  /** When the replicas last gave a sign of life. */
  private static final class Alive {
    private volatile long last = System.nanoTime();

    void sign() {
      last = System.nanoTime();
    }

    long silentForS() {
      return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - last);
    }
  }
}
