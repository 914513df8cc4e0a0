package flowmatching.job;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of the process during a job, by a signal such as that of Ctrl-C. */
final class Interruption {
  private static final Logger LOG = LoggerFactory.getLogger(Interruption.class);

  /** Hooks with larger numbers run first; Spark's, which stops the session, has 40. */
  private static final int BEFORE_SPARK = 100;

  private Interruption() {}

  /**
   * Reports an interruption as a sentence. The stack traces of Spark's threads that find the
   * session stopped are not printed.
   */
  static void reportDuring(SparkSession session) {
    ShutdownHookManager.get()
        .addShutdownHook(
            () -> {
              if (!session.sparkContext().isStopped()) {
                LOG.warn(
                    "The process ends before its job is done: by a signal, such as that of Ctrl-C, or by an error above. To continue, start the same command again.");
                Configurator.setLevel("org.apache.spark", Level.OFF);
                // Scala's executors print there, not to the log.
                System.setErr(
                    new PrintStream(
                        OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
              }
            },
            BEFORE_SPARK);
  }

  /** Whether the process is ending, so that a failure is a consequence of that. */
  static boolean isUnderWay() {
    return ShutdownHookManager.get().isShutdownInProgress();
  }
}
