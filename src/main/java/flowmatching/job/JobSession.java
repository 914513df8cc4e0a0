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

  /** The prefix of the names of the classes that write Spark's event log. */
  private static final String EVENT_LOG = "org.apache.spark.deploy.history.EventLog";

  private JobSession() {}

  /**
   * Starts Spark with the master and options of spark-submit, except for the serializer.
   *
   * @throws EnvironmentFailure if this machine cannot compute or Spark does not start
   */
  public static SparkSession open(String name) {
    // First, because Spark may be asked for a GPU that this machine does not have.
    Library.checkMachine();
    var conf = new SparkConf();
    checkGpuOptions(conf);
    TemporaryFolders.of(conf).check();
    try {
      var session =
          SparkSession.builder()
              .appName(name)
              // Kryo, a common choice for all jobs of a cluster, cannot read our records.
              .config("spark.serializer", JavaSerializer.class.getName())
              .getOrCreate();
      Interruption.reportDuring(session);
      return session;
    } catch (Exception e) {
      // Spark throws checked exceptions without declaring them.
      throw notStarted(e, conf);
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
    if (Arrays.stream(e.getStackTrace())
        .anyMatch(frame -> frame.getClassName().startsWith(EVENT_LOG))) {
      return "Its event log goes to %s: create that folder, let user '%s' write to it, or set spark.eventLog.dir to another folder or spark.eventLog.enabled to false"
          .formatted(
              conf.get("spark.eventLog.dir", "/tmp/spark-events"), System.getProperty("user.name"));
    }
    if (TemporaryFolders.saysFull(words)) {
      return TemporaryFolders.of(conf).fixIfFull();
    }
    if (words.startsWith("Could not parse Master URL")) {
      return "Give a master such as local[2] or spark://host:7077 (MASTER or --master)";
    }
    var master = conf.get("spark.master", "none");
    return isLocal(master)
        ? "Check the options in the properties file and those of spark-submit"
        : "Check that a master answers at %s (MASTER or --master), and check the options in the properties file"
            .formatted(master);
  }

  /** In local mode Spark has no GPUs for tasks and would wait for them forever. */
  private static void checkGpuOptions(SparkConf conf) {
    if (isLocal(conf.get("spark.master", "local")) && conf.contains(TASK_GPUS)) {
      throw new EnvironmentFailure(
          "%s is set, but in local mode Spark assigns no GPUs: remove it, and if the machine has several GPUs, choose one by CUDA_VISIBLE_DEVICES in the environment."
              .formatted(TASK_GPUS));
    }
  }

  private static boolean isLocal(String master) {
    return master.matches("local(\\[.*)?");
  }

  /** Spark's message without the stack traces that follow it, and without its full stop. */
  static String firstLine(String message) {
    return message == null ? "" : message.lines().findFirst().orElse("").replaceFirst("\\.$", "");
  }
}
