package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.means.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wrapper that cron starts, as cron starts it. */
@Computes
class NightlyIT {
  @TempDir Path directory;

  @BeforeEach
  void writeModel() {
    TinyModel.write(directory.resolve("model"), 1, 1);
  }

  @Test
  void aSecondStartForADateDoesNothingAndBothAreInTheLog() throws Exception {
    assertThat(end(start())).as(this::log).isZero();
    assertThat(directory.resolve("out/run-date=2026-11-24/_SUCCESS")).exists();
    assertThat(end(start())).as(this::log).isZero();
    assertThat(log()).contains("nothing is left to do").containsSubsequence("code 0", "code 0");
  }

  @Test
  void eachDateHasImagesOfItsOwnUnlessTheUserSetsTheSeed() throws Exception {
    Files.writeString(directory.resolve("own.conf"), "sample.seed = 7");
    assertThat(end(start())).as(this::log).isZero();
    assertThat(end(startFor("2026-11-25"))).isZero();
    assertThat(end(startFor("2026-11-26", "--config", "own.conf"))).isZero();

    assertThat(bytes("2026-11-25", "png/0.png")).isNotEqualTo(bytes("2026-11-24", "png/0.png"));
    assertThat(new String(bytes("2026-11-24", "manifest.json"), UTF_8))
        .contains("\"seed\" : 20261124,", "\"seed_of_run_date\" : true");
    assertThat(new String(bytes("2026-11-26", "manifest.json"), UTF_8))
        .contains("\"seed\" : 7,", "\"seed_of_run_date\" : false");
  }

  private byte[] bytes(String date, String name) throws IOException {
    return Files.readAllBytes(directory.resolve("out/run-date=" + date).resolve(name));
  }

  @Test
  void ofTwoStartsAtOnceOneDoesNothing() throws Exception {
    Process first = start();
    Process second = start();
    assertThat(List.of(end(first), end(second))).as(this::log).containsExactlyInAnyOrder(0, 75);
    assertThat(log()).contains("Another run has the lock");
    assertThat(directory.resolve("out/run-date=2026-11-24/_SUCCESS")).exists();
  }

  @Test
  void theJobsExitCodeIsPassedOn() throws Exception {
    assertThat(end(start("sample.model=none"))).isEqualTo(4);
    assertThat(log()).contains("holds no model", "Ended with exit code 4");
  }

  private Process start(String... arguments) throws IOException {
    return startFor("2026-11-24", arguments);
  }

  private Process startFor(String date, String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of("submit/schedule/nightly.sh").toAbsolutePath().toString(),
                "logs",
                "--conf",
                "spark.ui.enabled=false",
                "--",
                "sample.model=model",
                "sample.output=out",
                "sample.count=20",
                "sample.steps=2",
                "sample.batch-size=8"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command);
    builder.environment().put("MASTER", "local[1]");
    builder.environment().put("RUN_DATE", date);
    builder.environment().remove("SPARK_HOME");
    return builder
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("logs/sample-2026-11-24.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
