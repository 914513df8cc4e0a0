package flowmatching.means.cluster;

import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.apache.spark.SparkContext;

/** Spark's task slots, one per replica. */
public record TaskSlots(SparkContext spark) {
  private static final int POLL_MS = 500;

  /** Executors that start together register within seconds of each other. */
  private static final int SETTLE_S = 4;

  /** Tasks that can run at once, as Spark counts them for a barrier stage. */
  public int now() {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  /** Cores of a slot; each runs a thread. */
  public int threads() {
    return spark.conf().getInt("spark.task.cpus", 1);
  }

  /** Waits for enough slots, the timeout or Spark's end, and returns the number of slots. */
  public int await(IntPredicate enough, int seconds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    int slots = now();
    while (!enough.test(slots) && !spark.isStopped() && System.nanoTime() < deadline) {
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return slots;
      }
      slots = now();
    }
    return slots;
  }

  /** Waits until the number has settled; Spark does not know how many executors will come. */
  public int awaitAll() {
    int before = now();
    int slots = await(now -> now != before, SETTLE_S);
    return slots == before ? slots : awaitAll();
  }
}
