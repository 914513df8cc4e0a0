package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A packaged job in a process of its own, started by its script as a user starts it.
 *
 * @param options for spark-submit
 * @param environment variables beside those of the test
 */
record JobProcess(
    String script, Path directory, List<String> options, Map<String, String> environment) {
  JobProcess(String script, Path directory) {
    this(script, directory, List.of());
  }

  JobProcess(String script, Path directory, List<String> options) {
    this(script, directory, options, Map.of());
  }

  /** Runs to the end and returns the exit code. */
  int run(String master, List<String> arguments) throws IOException, InterruptedException {
    var process = start(master, arguments);
    try {
      assertThat(process.waitFor(900, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return process.exitValue();
  }

  /** Starts the job; the caller ends it. */
  Process start(String master, List<String> arguments) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of("submit", script).toAbsolutePath().toString(),
            "--conf",
            "spark.ui.enabled=false");
    builder.command().addAll(options);
    builder.command().add("--");
    builder.command().addAll(arguments);
    builder.environment().putAll(environment);
    builder.environment().put("MASTER", master);
    builder.environment().remove("SPARK_HOME");
    return builder
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output().toFile())
        .start();
  }

  /** What the last run said. */
  String log() {
    try {
      return Files.readString(output());
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Path output() {
    return directory.resolve("output.txt");
  }
}
