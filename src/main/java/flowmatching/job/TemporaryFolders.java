package flowmatching.job;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.means.storage.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.util.Utils;

/** The folders of this process in which Spark keeps blocks and jars until it ends. */
record TemporaryFolders(List<String> names) {
  /** More than a file system keeps in a file's metadata. */
  private static final int PROBE_BYTES = 4096;

  static TemporaryFolders of(SparkConf conf) {
    return new TemporaryFolders(List.of(Utils.getConfiguredLocalDirs(conf)));
  }

  /**
   * Checks that Spark can write to one of the folders; otherwise it would end the process with a
   * stack trace.
   *
   * @throws EnvironmentFailure if it cannot
   */
  void check() {
    var problems = new ArrayList<String>();
    for (var name : names) {
      try {
        write(name);
        return;
      } catch (IOException e) {
        problems.add("'%s': %s".formatted(name, Reason.of(e)));
      }
    }
    throw new EnvironmentFailure(
        "Spark cannot write its temporary files (%s). Let user '%s' write there and free space, or set SPARK_LOCAL_DIRS in the environment, or else spark.local.dir, to another folder."
            .formatted(String.join("; ", problems), System.getProperty("user.name")));
  }

  private static void write(String name) throws IOException {
    if (name.isEmpty()) {
      throw new IOException("the name is empty");
    }
    var folder = Path.of(name);
    Files.createDirectories(folder);
    var probe = Files.createTempFile(folder, "probe-", null);
    try {
      Files.write(probe, new byte[PROBE_BYTES]);
    } finally {
      Files.delete(probe);
    }
  }

  /** Whether a message is about a full disk. */
  static boolean saysFull(String message) {
    return message.contains("No space left on device");
  }

  /** What to do if they are full, without a full stop. */
  String fixIfFull() {
    return "Spark's temporary files are in %s: free space there, or set SPARK_LOCAL_DIRS in the environment, or else spark.local.dir, to a folder on a disk with more space"
        .formatted(String.join(", ", names));
  }
}
