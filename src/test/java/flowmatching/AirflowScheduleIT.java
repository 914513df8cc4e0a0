package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that the DAG gives to Airflow, run as Airflow would run it. */
@Computes
class AirflowScheduleIT {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path directory;

  @Test
  void itsCommandMakesTheImagesOfTheLogicalDate() throws Exception {
    assumeTrue(Files.isExecutable(Path.of(PYTHON)), "This test needs " + PYTHON + ".");
    try (var server = new S3Server(directory.resolve("server"))) {
      var runs = new SampleRuns(server, 20);
      runs.writeModel(directory);
      server.createBucket("flow-matching");
      server.put(
          "flow-matching",
          "nightly.conf",
          """
          sample { model = "s3a://images/model", output = "s3a://images/nightly" }
          sample { count = 20, steps = 2, batch-size = 8 }
          """
              .getBytes(UTF_8));

      var command =
          new ArrayList<>(List.of(Path.of("target/spark/bin/spark-submit").toAbsolutePath() + ""));
      command.addAll(List.of("--master", "local[1]"));
      command.addAll(server.options());
      command.addAll(dagCommand());
      Path output = directory.resolve("output.txt");
      assertThat(end(command, output)).as(() -> read(output)).isZero();

      assertThat(server.keys("images", "nightly/"))
          .contains("nightly/run-date=2026-11-24/_SUCCESS");
    }
  }

  private List<String> dagCommand() throws Exception {
    Path output = directory.resolve("command.txt");
    List<String> python =
        List.of(
            PYTHON,
            "src/test/resources/schedule/airflow_command.py",
            "submit/schedule/airflow_dag.py",
            "2026-11-24");
    assertThat(end(python, output)).as(() -> read(output)).isZero();
    return List.of(read(output).split("\0"));
  }

  private static int end(List<String> command, Path output) throws Exception {
    var builder = new ProcessBuilder(command);
    builder.environment().put("FLOW_MATCHING_HOME", Path.of("").toAbsolutePath().toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().remove("SPARK_HOME");
    builder.environment().putAll(S3Server.environment());
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return process.exitValue();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
