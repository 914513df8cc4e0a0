package flowmatching.command;

import flowmatching.backend.Library;
import flowmatching.failure.EnvironmentFailure;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a job. */
public final class JobSession {
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";

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
      throw new EnvironmentFailure(
          "Spark could not be started: %s. See that a master answers at %s (MASTER or --master), and to the options in the properties file."
              .formatted(firstLine(e.getMessage()), new SparkConf().get("spark.master", "none")),
          e);
    }
  }

  /** In local mode Spark has no GPUs to give to tasks, and would wait for them for ever. */
  private static void checkGpuOptions(SparkConf conf) {
    if (conf.get("spark.master", "local").matches("local(\\[.*)?") && conf.contains(TASK_GPUS)) {
      throw new EnvironmentFailure(
          "%s is set, and in local mode Spark gives out no GPUs: leave it out, and where the machine has several name one by CUDA_VISIBLE_DEVICES in the environment."
              .formatted(TASK_GPUS));
    }
  }

  /** What Spark says; it adds where things were made, line after line. */
  static String firstLine(String message) {
    return message == null ? "" : message.lines().findFirst().orElse("").replaceFirst("\\.$", "");
  }
}
