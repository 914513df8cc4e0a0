package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that the DAG gives to Airflow, run as Airflow would run them. */
@Computes
class AirflowScheduleIT {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path directory;

  @Test
  void itsCommandsMakeOtherImagesForEachDateWithALogicalDateOrWithout() throws Exception {
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

      run(server, dagCommand("2026-11-25T02:15", "2026-11-24T02:15"));
      run(server, dagCommand("2026-11-25T17:00"));

      Map<String, byte[]> objects = server.objects("images", "nightly/");
      assertThat(objects)
          .containsKeys("run-date=2026-11-24/_SUCCESS", "run-date=2026-11-25/_SUCCESS");
      assertThat(objects.get("run-date=2026-11-25/png/0.png"))
          .isNotEqualTo(objects.get("run-date=2026-11-24/png/0.png"));
    }
  }

  private void run(S3Server server, List<String> dagCommand) throws Exception {
    var command =
        new ArrayList<>(List.of(Path.of("target/spark/bin/spark-submit").toAbsolutePath() + ""));
    command.addAll(List.of("--master", "local[1]"));
    command.addAll(server.options());
    command.addAll(dagCommand);
    Path output = directory.resolve("output.txt");
    assertThat(end(command, output)).as(() -> read(output)).isZero();
  }

  /** That of a run after a time and, if Airflow gave it one, with a logical date. */
  private List<String> dagCommand(String... times) throws Exception {
    Path output = directory.resolve("command.txt");
    var python =
        new ArrayList<>(
            List.of(
                PYTHON,
                "src/test/resources/schedule/airflow_command.py",
                "submit/schedule/airflow_dag.py"));
    python.addAll(List.of(times));
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
