package flowmatching.work.train;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.cluster.Slots;
import flowmatching.network.backend.Library;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a run uses the cores it is given: with a replica in each of Spark's task slots, which
 * computes by as many threads as a slot has cores ({@code spark.task.cpus}).
 */
final class ReplicaPlan {
  /** A replica with fewer images a step spends too much of it on other things than images. */
  private static final int LEAST_IMAGES = 8;

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaPlan.class);

  /** Executors that are still starting are waited for so long: with Spark's own start, a minute. */
  private static final int START_S = 45;

  private ReplicaPlan() {}

  /**
   * Waits until the cluster has the slots that are asked for, or any.
   *
   * @return how many replicas are to train
   * @throws EnvironmentFailure where they do not come
   */
  static int await(SparkContext spark, TrainSettings settings) {
    int wanted = settings.workers().orElse(1);
    Slots slots = new Slots(spark);
    int found = slots.now();
    if (found < wanted && !spark.isLocal()) {
      LOG.info("Waiting up to {} s for {} task slots; there are {}", START_S, wanted, found);
      found = slots.await(now -> now >= wanted, START_S);
    }
    if (spark.isStopped()) {
      throw new EnvironmentFailure(
          "Spark has ended before the run began: see that a master answers at %s, and on its web page why it gave this application up."
              .formatted(spark.master()));
    }
    if (found < wanted) {
      throw new EnvironmentFailure(
          "%d task slots are needed, one a replica, and there are %d: see on the cluster's web page whether it has free cores, memory and, where Spark is asked for them, GPUs for this application (in local mode, give a master of more cores), or give a smaller train.workers."
              .formatted(wanted, found));
    }
    if (spark.isLocal() && settings.workers().isEmpty() && Library.best() == Library.CUDA) {
      // A GPU has one replica, and local mode one GPU.
      return 1;
    }
    boolean more = settings.workers().isEmpty() && !spark.isLocal();
    return replicas(more ? slots.awaitAll() : found, settings);
  }

  /**
   * How many replicas train in so many slots: as many as asked for, or the most, that cut a batch
   * into equal, fair parts; 0 where there is no slot.
   */
  static int replicas(int slots, TrainSettings settings) {
    int most = settings.workers().orElse(Math.max(1, settings.batchSize() / LEAST_IMAGES));
    int replicas = Math.min(slots, most);
    while (replicas > 0 && settings.batchSize() % replicas != 0) {
      replicas--;
    }
    return replicas;
  }
}
