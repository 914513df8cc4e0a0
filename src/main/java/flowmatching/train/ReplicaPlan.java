package flowmatching.train;

import flowmatching.parameterserver.ReplicaLayout;
import flowmatching.settings.TrainSettings;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;

/**
 * How a run uses the cores it is given.
 *
 * @param threads OpenMP threads a replica
 */
record ReplicaPlan(ReplicaLayout layout, int threads) {
  private static final Pattern LOCAL_CORES = Pattern.compile("\\[(\\d+|\\*)");

  /** A replica with fewer images a step spends too much of it on other things than images. */
  private static final int LEAST_IMAGES = 8;

  /**
   * In local mode all replicas are in this JVM, else one on each executor.
   *
   * <p>Replicas of one thread each use cores twice as well as one replica of many threads does: its
   * many small operations do not get faster by more threads.
   */
  static ReplicaPlan of(SparkContext spark, TrainSettings settings) {
    if (spark.isLocal()) {
      return local(cores(spark.master()), settings);
    }
    int slots = spark.defaultParallelism();
    int replicas = settings.workers().orElseGet(() -> most(slots, settings.batchSize()));
    int cores = Integer.parseInt(spark.getConf().get("spark.task.cpus", "1"));
    return new ReplicaPlan(new ReplicaLayout(replicas, 1), cores);
  }

  static ReplicaPlan local(int cores, TrainSettings settings) {
    int replicas = settings.workers().orElseGet(() -> most(cores, settings.batchSize()));
    return new ReplicaPlan(new ReplicaLayout(1, replicas), Math.max(1, cores / replicas));
  }

  /** Of local, local[N], local[*] or one of these with a number of failures. */
  static int cores(String master) {
    Matcher cores = LOCAL_CORES.matcher(master);
    if (!cores.find()) {
      return 1;
    }
    return cores.group(1).equals("*")
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(cores.group(1));
  }

  /** The most replicas, a core each, that cut a batch into equal parts of a fair size. */
  private static int most(int slots, int batchSize) {
    int replicas = Math.max(1, Math.min(slots, batchSize / LEAST_IMAGES));
    while (batchSize % replicas != 0) {
      replicas--;
    }
    return replicas;
  }
}
