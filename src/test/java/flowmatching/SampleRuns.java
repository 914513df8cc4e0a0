package flowmatching;

import flowmatching.means.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Runs of SampleJob for a date into a bucket of a server, in ranges of 16 images.
 *
 * @param images of a run
 */
record SampleRuns(S3Server server, int images) {
  static final int RANGE = 16;
  static final String BUCKET = "images";

  private static final Pattern TO_MAKE = Pattern.compile("Making (\\d+) of \\d+ images");

  int ranges() {
    return (images + RANGE - 1) / RANGE;
  }

  /** Makes the bucket, with the model in it that the runs look for. */
  void writeModel(Path directory) throws IOException {
    TinyModel.write(directory.resolve("model"), 1, 1);
    server.createBucket(BUCKET);
    files(directory.resolve("model"))
        .forEach((name, content) -> server.put(BUCKET, "model/" + name, content));
  }

  /** A run in a folder of its own, with further options for spark-submit. */
  JobProcess job(Path directory, String... options) throws IOException {
    return new JobProcess(
        "sample.sh",
        Files.createDirectories(directory),
        Stream.concat(server.options().stream(), Stream.of(options)).toList(),
        S3Server.environment());
  }

  /** Its arguments. */
  List<String> arguments(String output, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "sample.model=s3a://" + BUCKET + "/model",
                "sample.output=" + output,
                "sample.run-date=2026-11-24",
                "sample.count=" + images,
                "sample.steps=3",
                "sample.batch-size=8",
                "sample.range-size=" + RANGE,
                "sample.formats=[parquet,png,tar]"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** The URI of a folder of the bucket. */
  static String output(String name) {
    return "s3a://" + BUCKET + "/" + name;
  }

  /** What a run has left in a folder of the bucket. */
  Map<String, byte[]> objects(String name) {
    return server.objects(BUCKET, name + "/");
  }

  /** The keys of that, without the folder's. */
  List<String> keys(String name) {
    return server.keys(BUCKET, name + "/").stream()
        .map(key -> key.substring(name.length() + 1))
        .toList();
  }

  /** How many ranges of a run are done. */
  long rangesDone(String name) {
    return keys(name).stream().filter(key -> key.endsWith(".parquet")).count();
  }

  boolean isComplete(String name) {
    return keys(name).stream().anyMatch(key -> key.endsWith("/_SUCCESS"));
  }

  /** How many images a run has said that it makes. */
  static int toMake(String log) {
    Matcher said = TO_MAKE.matcher(log);
    if (!said.find()) {
      throw new AssertionError("The log does not say how many images the run makes: " + log);
    }
    return Integer.parseInt(said.group(1));
  }

  /** Of each file, for a comparison that is quick, and short when it fails. */
  static Map<String, String> digests(Map<String, byte[]> files) {
    var digests = new TreeMap<String, String>();
    files.forEach((name, content) -> digests.put(name, DigestUtils.sha256Hex(content)));
    return digests;
  }

  /** The files under a local folder. */
  static Map<String, byte[]> files(Path root) throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (var found = Files.walk(root)) {
      for (var file : found.filter(Files::isRegularFile).toList()) {
        files.put(root.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }
}
