package flowmatching.work.train;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.cluster.TaskSlots;
import flowmatching.network.backend.Library;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The number of replicas: one per task slot of Spark, with as many threads as a slot has cores
 * ({@code spark.task.cpus}).
 */
final class ReplicaPlan {
  /** Per replica and step; with fewer, the overhead of a step dominates. */
  private static final int MIN_IMAGES = 8;

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaPlan.class);

  /** How long to wait for executors; with Spark's own start, a minute. */
  private static final int START_S = 45;

  private ReplicaPlan() {}

  /**
   * Waits until the cluster has the slots for {@code train.workers}, or any if that is not set, and
   * returns the number of replicas.
   *
   * @throws EnvironmentFailure if the slots do not come
   */
  static int await(SparkContext spark, TrainSettings settings) {
    int wanted = settings.workers().orElse(1);
    TaskSlots slots = new TaskSlots(spark);
    int found = slots.now();
    if (found < wanted && !spark.isLocal()) {
      LOG.info("Waiting up to {} s for {} task slots; there are {}", START_S, wanted, found);
      found = slots.await(now -> now >= wanted, START_S);
    }
    if (spark.isStopped()) {
      throw new EnvironmentFailure(
          "Spark ended before the run started: check that a master answers at %s, and see on its web page why it removed this application."
              .formatted(spark.master()));
    }
    if (found < wanted) {
      throw new EnvironmentFailure(
          "%d task slots are needed, one per replica, and there are %d: see on the cluster's web page whether it has free cores, memory and, if Spark schedules them, GPUs for this application (in local mode, give a master with more cores), or give a smaller train.workers."
              .formatted(wanted, found));
    }
    if (spark.isLocal() && settings.workers().isEmpty() && Library.best() == Library.CUDA) {
      // Local mode has one GPU, and a GPU one replica.
      return 1;
    }
    boolean more = settings.workers().isEmpty() && !spark.isLocal();
    return replicas(more ? slots.awaitAll() : found, settings);
  }

  /**
   * The number of replicas in a number of slots: {@code train.workers} or else the most, reduced
   * until it divides the batch; 0 if there is no slot.
   */
  static int replicas(int slots, TrainSettings settings) {
    int most = settings.workers().orElse(Math.max(1, settings.batchSize() / MIN_IMAGES));
    int replicas = Math.min(slots, most);
    while (replicas > 0 && settings.batchSize() % replicas != 0) {
      replicas--;
    }
    return replicas;
  }
}
