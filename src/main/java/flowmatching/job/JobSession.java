package flowmatching.job;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.network.backend.Library;
import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a job. */
public final class JobSession {
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";

  /** Begins the names of the classes of Spark that write its event log. */
  private static final String EVENT_LOG = "org.apache.spark.deploy.history.EventLog";

  private JobSession() {}

  /**
   * Starts Spark on the master, and with the settings, that spark-submit was given, but for the
   * serializer.
   *
   * @param name in Spark's UI
   * @throws EnvironmentFailure where this machine cannot compute, or Spark does not start
   */
  public static SparkSession open(String name) {
    // Before Spark is asked for a GPU that this machine does not have.
    Library.checkMachine();
    checkGpuOptions(new SparkConf());
    try {
      return SparkSession.builder()
          .appName(name)
          // Kryo, which many choose for all their jobs, cannot read the records that travel here.
          .config("spark.serializer", JavaSerializer.class.getName())
          .getOrCreate();
    } catch (Exception e) {
      // Spark's own exceptions are checked, and not declared.
      throw notStarted(e, new SparkConf());
    }
  }

  static EnvironmentFailure notStarted(Exception e, SparkConf conf) {
    var words = firstLine(e.getMessage());
    return new EnvironmentFailure(
        "Spark could not be started: %s. %s."
            .formatted(words.isEmpty() ? e.getClass().getSimpleName() : words, fix(e, words, conf)),
        e);
  }

  private static String fix(Exception e, String words, SparkConf conf) {
    var master = conf.get("spark.master", "none");
    if (Arrays.stream(e.getStackTrace())
        .anyMatch(frame -> frame.getClassName().startsWith(EVENT_LOG))) {
      return "Its event log goes to %s: make that folder, let user '%s' write to it, or set spark.eventLog.dir to another one or spark.eventLog.enabled to false"
          .formatted(
              conf.get("spark.eventLog.dir", "/tmp/spark-events"), System.getProperty("user.name"));
    }
    if (words.startsWith("Could not parse Master URL")) {
      return "Give a master such as local[2] or spark://host:7077 (MASTER or --master)";
    }
    return isLocal(master)
        ? "Check the options in the properties file, and those that spark-submit is given"
        : "See that a master answers at %s (MASTER or --master), and to the options in the properties file"
            .formatted(master);
  }

  /** In local mode Spark has no GPUs to give to tasks, and would wait for them for ever. */
  private static void checkGpuOptions(SparkConf conf) {
    if (isLocal(conf.get("spark.master", "local")) && conf.contains(TASK_GPUS)) {
      throw new EnvironmentFailure(
          "%s is set, and in local mode Spark gives out no GPUs: leave it out, and where the machine has several name one by CUDA_VISIBLE_DEVICES in the environment."
              .formatted(TASK_GPUS));
    }
  }

  private static boolean isLocal(String master) {
    return master.matches("local(\\[.*)?");
  }

  /** What Spark says; it adds where things were made, line after line. */
  static String firstLine(String message) {
    return message == null ? "" : message.lines().findFirst().orElse("").replaceFirst("\\.$", "");
  }
}
