package flowmatching.job;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.LocationText;
import flowmatching.base.settings.Source;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.LocalFiles;
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

/** Reads configuration files from any Hadoop file system; a path without a scheme is local. */
final class ConfigFiles {
  private static final int MAX_BYTES = 1 << 20;

  private ConfigFiles() {}

  /**
   * The texts of files, in their order.
   *
   * @throws ConfigurationFailure that names each file that cannot be read
   * @throws EnvironmentFailure where one is on an object store that is away or refuses
   */
  static List<Source> read(List<String> locations) {
    var hadoop = hadoopConfiguration();
    var sources = new ArrayList<Source>();
    var problems = new ArrayList<String>();
    for (var location : locations) {
      LocationText.problem(location)
          .ifPresent(
              problem ->
                  problems.add(
                      "--config %s: %s."
                          .formatted(LocationText.withoutCredentials(location), problem)));
    }
    var sound =
        locations.stream().filter(location -> LocationText.problem(location).isEmpty()).toList();
    for (var location : sound) {
      Folder.checkStore(location, hadoop);
    }
    for (var location : sound) {
      try {
        sources.add(new Source(location, text(location, hadoop)));
      } catch (CharacterCodingException e) {
        problems.add("--config " + location + ": It is not text in UTF-8.");
      } catch (IOException | RuntimeException e) {
        // Hadoop reports a scheme without a class, or a path that is none, as runtime exceptions.
        problems.add("--config %s: %s.".formatted(location, reason(e)));
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationFailure(
          "Configuration files cannot be read:\n  " + String.join("\n  ", problems));
    }
    return sources;
  }

  /** Hadoop's settings with those that spark-submit was given as spark.hadoop.*. */
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
    try (var in = files.open(path)) {
      var bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("It is longer than 1 MiB, which no configuration is");
      }
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') >= 0) {
        throw new CharacterCodingException();
      }
      return text;
    }
  }

  private static String reason(Exception e) {
    var message = e.getMessage() == null ? e.getClass().getName() : e.getMessage();
    return message.lines().findFirst().orElse(message);
  }
}
