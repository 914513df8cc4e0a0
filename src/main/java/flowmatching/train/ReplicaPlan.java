package flowmatching.train;

import flowmatching.parameterserver.ReplicaLayout;
import flowmatching.settings.TrainSettings;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;

/**
 * How a run uses the cores it is given: with replicas of one OpenMP thread each. They use cores
 * twice as well as one replica of many threads does, since the network's many small operations do
 * not get faster by more threads.
 */
final class ReplicaPlan {
  /** A replica with fewer images a step spends too much of it on other things than images. */
  private static final int LEAST_IMAGES = 8;

  private static final Pattern LOCAL_CORES = Pattern.compile("\\[(\\d+|\\*)");

  private ReplicaPlan() {}

  /** In local mode all replicas are in this JVM, else one on each executor. */
  static ReplicaLayout of(SparkContext spark, TrainSettings settings) {
    int slots = spark.isLocal() ? cores(spark.master()) : spark.defaultParallelism();
    int replicas = replicas(slots, settings);
    return spark.isLocal() ? new ReplicaLayout(1, replicas) : new ReplicaLayout(replicas, 1);
  }

  /** As many as asked for, or the most, a core each, that cut a batch into equal, fair parts. */
  static int replicas(int slots, TrainSettings settings) {
    if (settings.workers().isPresent()) {
      return settings.workers().getAsInt();
    }
    int replicas = Math.max(1, Math.min(slots, settings.batchSize() / LEAST_IMAGES));
    while (settings.batchSize() % replicas != 0) {
      replicas--;
    }
    return replicas;
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
}
