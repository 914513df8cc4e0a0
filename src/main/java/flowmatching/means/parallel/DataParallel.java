package flowmatching.means.parallel;

import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import flowmatching.flow.Minibatch;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.PeerLost;
import flowmatching.means.cluster.TaskFailures;
import flowmatching.means.cluster.TaskSlots;
import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.ObjDoubleConsumer;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains replicas of a network in rounds. A round starts all replicas from one state and ends with
 * one state. It has no other effects, so that it can be retried from its start, with the replicas
 * that remain, if some are lost.
 */
public final class DataParallel {
  private static final Logger LOG = LoggerFactory.getLogger(DataParallel.class);

  private static final int ATTEMPTS = 5;

  /** Seconds to wait for a lost executor's return before its share goes to the others. */
  private static final int RETURN_S = 60;

  /** Seconds without progress; longer than Spark needs to replace an executor that hangs. */
  private static final int SILENCE_S = 240;

  private static final int CANCEL_S = 30;

  private final JavaSparkContext spark;
  private final Plan plan;
  private final IntUnaryOperator replicasFor;
  private final int returnS;
  private int replicas;
  private volatile long progressNs;

  /**
   * Training that has not started.
   *
   * @param replicas that the check before the run has approved, never exceeded
   * @param replicasFor number of replicas for a number of task slots
   */
  public DataParallel(
      JavaSparkContext spark, Plan plan, int replicas, IntUnaryOperator replicasFor) {
    this(spark, plan, replicas, replicasFor, RETURN_S);
  }

  /** The same, with other seconds to wait for lost executors. */
  DataParallel(
      JavaSparkContext spark, Plan plan, int replicas, IntUnaryOperator replicasFor, int returnS) {
    this.spark = spark;
    this.plan = plan;
    this.replicasFor = slots -> Math.min(replicas, replicasFor.applyAsInt(slots));
    this.replicas = replicas;
    this.returnS = returnS;
  }

  /**
   * Trains one round, with retries.
   *
   * @param what names the round in Spark's UI and in messages
   * @param steps of each replica
   * @param minibatches for a number of replicas, with one partition of {@code steps} per replica
   * @param listeners creates, per attempt, a listener for its images so far and their loss sum
   * @throws Failure that a replica failed with
   * @throws RunFailure if the round fails in all attempts, or cannot be cancelled
   */
  public Round train(
      String what,
      TrainingState start,
      int steps,
      IntFunction<JavaRDD<Minibatch>> minibatches,
      Supplier<ObjDoubleConsumer<Long>> listeners) {
    Broadcast<TrainingState> broadcast = spark.broadcast(start);
    try {
      for (int attempt = 1; ; attempt++) {
        replicas = awaitReplicas();
        try {
          return attempt(what, broadcast, steps, minibatches.apply(replicas), listeners.get());
        } catch (PeerLost e) {
          if (attempt == ATTEMPTS) {
            throw new RunFailure(
                "%s failed %d times in a row, last with: %s. The same command resumes from the last checkpoint."
                    .formatted(what, ATTEMPTS, e.getMessage()),
                e);
          }
          LOG.warn("Retrying {} because replicas were lost: {}", what, e.getMessage());
        }
      }
    } finally {
      broadcast.destroy();
    }
  }

  /** At least as many as before, unless lost executors do not come back in time. */
  private int awaitReplicas() {
    int before = replicas;
    int now =
        replicasFor.applyAsInt(
            new TaskSlots(spark.sc())
                .await(slots -> replicasFor.applyAsInt(slots) >= before, returnS));
    if (now == 0) {
      throw new RunFailure(
          "No executor is left, and none started within %d s: see the cluster's logs for why they ended. The same command resumes from the last checkpoint."
              .formatted(returnS));
    }
    if (now != before) {
      LOG.warn("The run continues with {} replicas instead of {}", now, before);
    }
    return now;
  }

  private Round attempt(
      String what,
      Broadcast<TrainingState> start,
      int steps,
      JavaRDD<Minibatch> minibatches,
      ObjDoubleConsumer<Long> listener) {
    String id = UUID.randomUUID().toString();
    long startNs = System.nanoTime();
    progressNs = startNs;
    ReplicaTask task = new ReplicaTask(id, plan, start, StepSums.register(spark.sc()));
    return StepSums.reportTo(
            (images, lossSum) -> {
              progressNs = System.nanoTime();
              listener.accept(images, lossSum);
            })
        .during(
            spark.sc(),
            () -> {
              try (BarrierJob<ReplicaReport> job =
                  BarrierJob.start(spark, id, what, minibatches, task)) {
                return round(await(job, what), steps, startNs);
              }
            });
  }

  private List<ReplicaReport> await(BarrierJob<ReplicaReport> job, String what) {
    // Replicas give up after their patience; the driver only if none of them does.
    int patienceS = Math.max(2 * plan.patienceS(), SILENCE_S);
    try {
      return job.await(() -> silentForS() > patienceS).orElseThrow(() -> silent(job));
    } catch (ExecutionException e) {
      TaskFailures failures = job.failures().complete();
      throw failures
          .defect(what)
          .map(RuntimeException.class::cast)
          .orElseGet(() -> new PeerLost("%s (%s)".formatted(failures, firstLine(e))));
    }
  }

  private long silentForS() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - progressNs);
  }

  private RuntimeException silent(BarrierJob<ReplicaReport> job) {
    long silentS = silentForS();
    if (!job.cancel(CANCEL_S)) {
      return new RunFailure(
          "Spark could not cancel the round's tasks within %d s: end the application on the cluster. The same command resumes from the last checkpoint."
              .formatted(CANCEL_S));
    }
    return new PeerLost("no progress for %d s; %s".formatted(silentS, job.failures().complete()));
  }

  static String firstLine(ExecutionException e) {
    String message = e.getCause().getMessage();
    return message == null
        ? e.getCause().getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }

  private Round round(List<ReplicaReport> reports, int steps, long startNs) {
    long images = 0;
    double lossSum = 0;
    Traffic traffic = Traffic.NONE;
    for (ReplicaReport report : reports) {
      if (report.steps() != steps) {
        throw new RunFailure(
            "The replica on executor %s made %d steps of %d: its partition of the data is not complete."
                .formatted(report.executor(), report.steps(), steps));
      }
      images += report.images();
      lossSum += report.lossSum();
      traffic = traffic.plus(report.traffic());
    }
    if (plan.shareGradients()
        && reports.stream().mapToInt(ReplicaReport::fingerprint).distinct().count() != 1) {
      throw new RunFailure(
          "The replicas' parameters differ after a round with shared gradients. The same command resumes from the last checkpoint.");
    }
    List<TrainingState> states =
        reports.stream().map(ReplicaReport::state).filter(Objects::nonNull).toList();
    Round.Seconds seconds =
        reports.stream().map(ReplicaReport::seconds).reduce(Round.Seconds::plus).orElseThrow();
    return new Round(
        TrainingState.mean(states),
        images,
        lossSum,
        reports.size(),
        traffic,
        seconds.means(reports.size(), (System.nanoTime() - startNs) * 1e-9));
  }
}
