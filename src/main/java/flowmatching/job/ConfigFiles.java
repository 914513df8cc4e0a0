package flowmatching.job;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.LocationText;
import flowmatching.base.settings.Source;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.LocalFiles;
import flowmatching.means.storage.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;

/** Reads configuration files from any Hadoop file system. A path without a scheme is local. */
final class ConfigFiles {
  private static final int MAX_BYTES = 1 << 20;

  private ConfigFiles() {}

  /**
   * The texts of the files, in order.
   *
   * @throws ConfigurationFailure with each file that cannot be read
   * @throws EnvironmentFailure if an object store does not answer or refuses access
   */
  static List<Source> read(List<String> locations) {
    var hadoop = hadoopConfiguration();
    var sources = new ArrayList<Source>();
    var problems = new ArrayList<String>();
    for (var location : locations) {
      var problem = LocationText.problem(location);
      if (problem.isPresent()) {
        problems.add(problem(LocationText.withoutCredentials(location), problem.get()));
        continue;
      }
      Folder.checkStore(location, hadoop);
      try {
        sources.add(new Source(location, text(location, hadoop)));
      } catch (CharacterCodingException e) {
        problems.add(problem(location, "It is not text in UTF-8"));
      } catch (IOException | RuntimeException e) {
        // Hadoop reports a scheme without a class and an invalid path as runtime exceptions.
        problems.add(problem(location, Reason.of(e)));
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationFailure(
          "Configuration files cannot be read:\n  " + String.join("\n  ", problems));
    }
    return sources;
  }

  /** Hadoop's settings, with the options spark.hadoop.* of spark-submit. */
  private static Configuration hadoopConfiguration() {
    var hadoop = new Configuration();
    for (var setting : new SparkConf().getAllWithPrefix("spark.hadoop.")) {
      hadoop.set(setting._1(), setting._2());
    }
    return hadoop;
  }

  private static String text(String location, Configuration hadoop) throws IOException {
    var path = new Path(location);
    var files =
        path.toUri().getScheme() == null
            ? FileSystem.getLocal(hadoop).getRaw()
            : LocalFiles.unchecked(path, hadoop);
    // Hadoop reports a local file that the user may not look at as missing.
    if (LocalFiles.isLinkToNothing(files, path)) {
      throw new IOException("It is a link to nothing: restore what it names");
    }
    if (LocalFiles.exists(files, path) && files.getFileStatus(path).isDirectory()) {
      throw new IOException("It is a folder: give a file");
    }
    try (var in = files.open(path)) {
      var bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("It is longer than 1 MiB, the limit for a configuration");
      }
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') >= 0) {
        throw new CharacterCodingException();
      }
      return text;
    }
  }

  private static String problem(String location, String what) {
    return "--config %s: %s.".formatted(location, what);
  }
}
