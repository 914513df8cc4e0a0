package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** submit/schedule/nightly.sh with a Spark home that only prints, and the container's entry. */
class NightlyTest {
  private static final String SCRIPT = "schedule/nightly.sh";
  private static final Map<String, String> DATE = Map.of("RUN_DATE", "2026-11-24");

  @TempDir Path directory;
  private SubmitProject scripts;

  @BeforeEach
  void makeProject() throws IOException {
    scripts = SubmitProject.in(directory);
  }

  @Test
  void aFolderAndArgumentsWithSpacesArePassedOnAndLogged() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("nightly"), script());

    var ended =
        scripts.runFile(link, DATE, "logs of #1", "--name", "a b", "--", "sample.model=c d");

    assertThat(ended).isEqualTo(new SubmitProject.Ended(0, ""));
    assertThat(Files.readAllLines(directory.resolve("logs of #1/sample-2026-11-24.log")))
        .containsSequence("--name", "a b", "--class", "SampleJob")
        .containsSequence("sample.model=c d", "sample.run-date=2026-11-24");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026/11/24", "../2026-11-24", "yesterday", "2026-11-24 "})
  void aDateThatIsNoDayIsASentence(String date) throws Exception {
    var ended = scripts.run(SCRIPT, Map.of("RUN_DATE", date), "logs");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output())
        .startsWith("RUN_DATE is '" + date + "': it must be a day, such as 2026-11-24.")
        .hasLineCount(1);
    assertThat(directory.resolve("logs")).doesNotExist();
  }

  @Test
  void anOptionIsNoFolder() throws Exception {
    var ended = scripts.run(SCRIPT, DATE, "--config", "my.conf");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output())
        .startsWith("The folder for logs comes first, not '--config'.")
        .hasLineCount(1);
  }

  @Test
  void aFolderThatCannotBeWrittenToIsASentence() throws Exception {
    Files.createFile(directory.resolve("logs"));
    // In bash's POSIX mode, a redirection that fails ends a script.
    for (var environment : List.of(DATE, Map.of("POSIXLY_CORRECT", "1"))) {
      Files.createDirectories(directory.resolve("other/lock"));
      assertSentence(
          scripts.run(SCRIPT, environment, "logs"), "The folder logs for logs cannot be made");
      assertSentence(scripts.run(SCRIPT, environment, "other"), "other cannot be written to");
    }
  }

  @Test
  void aSignalEndsTheJobAndTheLock() throws Exception {
    Path started = directory.resolve("started");
    SubmitProject.script(
        scripts.project().resolve("target/spark/bin/spark-submit"),
        "echo $$ >'" + started + "'; exec sleep 600\n");
    var process = scripts.start(script(), DATE, "logs");
    try {
      while (process.isAlive() && !(Files.exists(started) && Files.size(started) > 1)) {
        Thread.sleep(50);
      }
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(new ProcessId(Long.parseLong(Files.readString(started).strip())).runs()).isFalse();
    SubmitProject.printingSparkHome(scripts.project().resolve("target/spark"));
    assertThat(scripts.run(SCRIPT, DATE, "logs").exitCode()).isZero();
  }

  @Test
  void aContainerThatIsToldNothingToRunFails() throws Exception {
    var ended = scripts.run("schedule/entrypoint.sh", Map.of());

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output()).startsWith("entrypoint.sh was given nothing to run").hasLineCount(1);
  }

  private Path script() {
    return scripts.project().resolve("submit").resolve(SCRIPT);
  }

  private static void assertSentence(SubmitProject.Ended ended, String start) {
    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.lines()).last().asString().startsWith(start);
  }
}
