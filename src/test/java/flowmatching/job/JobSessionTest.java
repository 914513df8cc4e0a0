package flowmatching.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.deploy.history.SingleEventLogFileWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** The explanations if Spark does not start. */
class JobSessionTest {
  @Test
  void aMissingEventLogFolderIsBlamedInsteadOfTheMaster(@TempDir Path folder) throws IOException {
    var file = Files.createFile(folder.resolve("file"));
    for (var place : new Path[] {folder.resolve("none"), file}) {
      var conf =
          new SparkConf(false)
              .set("spark.eventLog.dir", place.toUri().toString())
              .set("spark.master", "spark://host:7077");
      var writer =
          new SingleEventLogFileWriter(
              "application", Option.empty(), place.toUri(), conf, new Configuration());

      assertThat(JobSession.notStarted(catchException(writer::start), conf))
          .hasMessageStartingWith("Spark could not be started: ")
          .hasMessageContaining("Its event log goes to " + place.toUri() + ": create that folder")
          .hasMessageContaining("spark.eventLog.enabled to false.")
          .hasMessageNotContaining("a master answers");
    }
  }

  @Test
  void anUnknownMasterIsRefusedWithExamples() {
    assertThat(started(new SparkException("Could not parse Master URL: 'foo'"), "foo"))
        .isEqualTo(
            "Spark could not be started: Could not parse Master URL: 'foo'. Give a master such as local[2] or spark://host:7077 (MASTER or --master).");
  }

  @Test
  void aFullFolderOfTemporaryFilesIsNamed() {
    var conf = new SparkConf(false).set("spark.local.dir", "/scratch");
    var full = new IOException("No space left on device");

    assertThat(JobSession.notStarted(full, conf))
        .hasMessageStartingWith(
            "Spark could not be started: No space left on device. Spark's temporary files are in /scratch: free space there, or set SPARK_LOCAL_DIRS")
        .hasMessageNotContaining("properties file");
  }

  @Test
  void inLocalModeThereIsNoMasterToBlame() {
    assertThat(started(new IllegalArgumentException(), "local[2]"))
        .isEqualTo(
            "Spark could not be started: IllegalArgumentException. Check the options in the properties file and those of spark-submit.");
  }

  @Test
  void onAClusterTheMasterIsNamed() {
    assertThat(started(new IllegalStateException("stopped"), "spark://host:7077"))
        .contains("stopped. Check that a master answers at spark://host:7077 (MASTER or --master)");
  }

  private static String started(Exception e, String master) {
    return JobSession.notStarted(e, new SparkConf(false).set("spark.master", master)).getMessage();
  }
}
