package flowmatching.means.cluster;

import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.apache.spark.SparkContext;

/** The tasks that the cluster can run at once, a replica each. */
public record Slots(SparkContext spark) {
  private static final int LOOK_MS = 500;

  /** Executors that are started together register within seconds of each other. */
  private static final int CALM_S = 4;

  /** By the measure that Spark itself has for a barrier stage. */
  public int now() {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  /** The cores of a slot, each for a thread. */
  public int threads() {
    return spark.conf().getInt("spark.task.cpus", 1);
  }

  /**
   * Waits until there are enough, the seconds are over or Spark has stopped, and returns how many
   * there are.
   */
  public int await(IntPredicate enough, int seconds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    int slots = now();
    while (!enough.test(slots) && !spark.isStopped() && System.nanoTime() < deadline) {
      try {
        Thread.sleep(LOOK_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return slots;
      }
      slots = now();
    }
    return slots;
  }

  /** Waits until no more have come for a while, since nothing tells how many will. */
  public int awaitAll() {
    int before = now();
    int slots = await(now -> now != before, CALM_S);
    return slots == before ? slots : awaitAll();
  }
}
