package flowmatching.job;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.CapturedLog;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.job.JobCommand.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobCommandTest {
  private final StringWriter printed = new StringWriter();
  private final List<Settings> runs = new ArrayList<>();
  private final List<Boolean> checks = new ArrayList<>();
  private final CapturedLog log = new CapturedLog(JobCommand.class);

  @AfterEach
  void closeLog() {
    log.close();
  }

  @Test
  void theWorkIsDoneWithTheSettings(@TempDir Path folder) throws IOException {
    var first = Files.writeString(folder.resolve("a.conf"), "train { epochs = 2, seed = 2 }");
    var second = Files.writeString(folder.resolve("b.conf"), "train { epochs = 3, output = o }");

    int exitCode = run("--config", first.toString(), "train.seed=-4", "--config=" + second.toUri());

    assertThat(exitCode).isZero();
    assertThat(runs).hasSize(1);
    assertThat(runs.get(0).train().epochs()).isEqualTo(3);
    assertThat(runs.get(0).train().seed()).isEqualTo(-4);
    assertThat(runs.get(0).train().output()).isEqualTo("o");
    assertThat(checks).containsExactly(false);
    assertThat(log.events()).isEmpty();
  }

  @Test
  void theWorkIsToldToCheckOnly() {
    assertThat(run("--check", "train.output=o")).isZero();
    assertThat(checks).containsExactly(true);
  }

  @Test
  void anExplanationIsPrintedAndNothingRuns() {
    assertThat(run("--explain", "train.output=o", "train.epochs=5")).isZero();

    assertThat(printed.toString().lines())
        .contains("train.output = \"o\"  # argument", "train.epochs = 5  # argument");
    assertThat(runs).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--explain", "--help"})
  void whatCannotBePrintedIsNotLostInSilence(String option) throws IOException {
    try (var full = new PrintWriter("/dev/full", StandardCharsets.UTF_8)) {
      int exitCode =
          new JobCommand(Job.TRAIN, "TrainJob", "Trains a network.", (settings, check) -> {})
              .run(full, option, "train.output=o");

      assertThat(exitCode).isEqualTo(3);
      assertThat(error().getMessage().getFormattedMessage())
          .startsWith("The standard output cannot be written to: ");
      assertThat(error().getThrown()).isNull();
    }
  }

  @Test
  void helpIsPrintedEvenIfSettingsAreMissingAndNothingRuns() {
    assertThat(run("--help")).isZero();

    assertThat(printed.toString())
        .contains("--class TrainJob flow-matching.jar", "Trains a network.")
        .contains(
            "--config", "--explain", "--check", "path=value", "Exit codes:", "reference.conf");
    for (int exitCode = 0; exitCode <= 4; exitCode++) {
      assertThat(printed.toString()).containsPattern("(?m)^  " + exitCode + "   \\S");
    }
    assertThat(runs).isEmpty();
  }

  @Test
  void wrongSettingsEndBeforeTheWork() {
    assertThat(run("train.epochs=0")).isEqualTo(2);

    assertThat(error().getMessage().getFormattedMessage())
        .contains("train.output is not set", "train.epochs = 0 (argument)");
    assertThat(error().getThrown()).isNull();
    assertThat(runs).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--cofnig", "--config", "-x", "--explain=what", "@file"})
  void unknownArgumentsAreRefusedWithASentence(String argument) {
    assertThat(run("train.output=o", argument)).isEqualTo(2);

    assertThat(error().getMessage().getFormattedMessage()).contains(argument);
    assertThat(error().getThrown()).isNull();
    assertThat(runs).isEmpty();
  }

  @Test
  void aMissingConfigurationFileIsRefused(@TempDir Path folder) {
    assertThat(run("train.output=o", "--config", folder.resolve("none.conf").toString()))
        .isEqualTo(2);

    assertThat(error().getMessage().getFormattedMessage()).contains("none.conf");
  }

  static List<Arguments> failures() {
    return List.of(
        Arguments.of(new RunFailure("The loss is not a number."), 1),
        Arguments.of(new ConfigurationFailure("The value is wrong."), 2),
        Arguments.of(new EnvironmentFailure("The port is taken."), 3),
        Arguments.of(new DataFailure("The file ends early."), 4));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureHasItsSentenceAndTheExitCodeOfItsKind(Failure failure, int exitCode) {
    assertThat(runThatThrows(failure)).isEqualTo(exitCode);

    assertThat(error().getMessage().getFormattedMessage()).isEqualTo(failure.getMessage());
    assertThat(error().getThrown()).isNull();
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureIsFoundAmongTheCauses(Failure failure, int exitCode) {
    var wrapped = new SparkException("Job aborted", new RuntimeException("Task failed", failure));

    assertThat(runThatThrows(wrapped)).isEqualTo(exitCode);
    assertThat(error().getMessage().getFormattedMessage()).isEqualTo(failure.getMessage());
    assertThat(error().getThrown()).isNull();
  }

  @Test
  void aSentenceIsLoggedVerbatim() {
    assertThat(runThatThrows(new DataFailure("{} is not ${env:HOME}."))).isEqualTo(4);
    assertThat(error().getMessage().getFormattedMessage()).isEqualTo("{} is not ${env:HOME}.");
  }

  @Test
  void theDefectBehindAFailedRunHasItsStackTrace() {
    var defect = new NullPointerException();
    var failure = RunFailure.ofDefect("A round failed.", defect).at("partition 0");

    assertThat(runThatThrows(new SparkException("Job aborted", failure))).isEqualTo(1);
    assertThat(error().getMessage().getFormattedMessage())
        .isEqualTo("partition 0: A round failed.");
    assertThat(error().getThrown()).isSameAs(defect);
  }

  @Test
  void aFailedRunWithoutADefectHasNoStackTrace() {
    var failure = new RunFailure("Spark was stopped.", new IllegalStateException("stopped"));

    assertThat(runThatThrows(failure)).isEqualTo(1);
    assertThat(error().getThrown()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train.output=s3a://key:password@bucket/x",
        "train.output=o --config s3a://key:password@bucket/x",
        "train.output=s3a://key:password@bucket/x --none",
        "train.output=[s3a://key:password@bucket/x",
        "train.output=s3a://key:pass/word@bucket/x",
        "train.output=s3a://key:pass/word@bucket/x --explain",
        "train.output=s3a://key:80/password@bucket/x",
        "train.output=o --config s3a://key:pass/word@bucket/x",
        "train.output=o --none=s3a://key:pass/word@bucket/x",
        "train.output=[s3a://key:pass/word@bucket/x",
        "train.other=s3a://key:pass/word@bucket/x",
        "evaluate.solvers=[\"s3a://key:pass/word@bucket/x\"]"
      })
  void credentialsInAUriAreRefusedAndNotLogged(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);

    assertThat(error().getMessage().getFormattedMessage())
        .contains("s3a://...@bucket")
        .doesNotContain("password", "pass/", "word@");
    assertThat(printed.toString()).isEmpty();
  }

  @Test
  void anythingElseIsADefectWithItsStackTrace() {
    var defect = new IllegalStateException("no such layer");

    assertThat(runThatThrows(defect)).isEqualTo(1);
    assertThat(error().getMessage().getFormattedMessage())
        .contains("TrainJob", "defect", "no such layer", "stack trace");
    assertThat(error().getThrown()).isSameAs(defect);
  }

  static List<Exception> fullDisks() {
    var words = "Lost task 0.0 (host executor 2): java.io.IOException: No space left on device";
    var spark = new SparkException(words + "\n\tat java.base");
    return List.of(
        spark,
        new RunFailure(words, spark),
        RunFailure.ofDefect(words, spark),
        new IllegalStateException("Boxed", spark));
  }

  @ParameterizedTest
  @MethodSource("fullDisks")
  void aFullDiskUnderSparkIsNotADefect(Exception full) {
    assertThat(runThatThrows(full)).isEqualTo(3);
    assertThat(error().getMessage().getFormattedMessage())
        .startsWith("A disk is full: Lost task 0.0 (host executor 2): ")
        .contains(
            "Spark's temporary files are in %s: free space there"
                .formatted(System.getProperty("java.io.tmpdir")))
        .contains("SPARK_LOCAL_DIRS", "The same command resumes the run.")
        .doesNotContain("at java.base");
    assertThat(error().getThrown()).isNull();
  }

  @Test
  void sparkGivingUpIsNotADefect() {
    var lost =
        new SparkException(
            "Job aborted due to stage failure: Task 0 failed 4 times: ExecutorLostFailure: code 137.\nDriver stacktrace:");

    assertThat(runThatThrows(lost)).isEqualTo(3);
    assertThat(error().getMessage().getFormattedMessage())
        .contains("Spark gave up on TrainJob", "failed 4 times: ExecutorLostFailure: code 137. ")
        .contains("spark.executor.memoryOverhead")
        .doesNotContain("stacktrace");
    assertThat(error().getThrown()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Cannot call methods on a stopped SparkContext.\nThis stopped SparkContext was created at:",
        "Job 3 cancelled because SparkContext was shut down"
      })
  void sparkEndingBeforeTheJobIsNotADefect(String message) {
    assertThat(runThatThrows(new IllegalStateException(message))).isEqualTo(3);
    assertThat(error().getMessage().getFormattedMessage())
        .contains("Spark ended before TrainJob did", "a master answers at its address")
        .doesNotContain("created at");
    assertThat(error().getThrown()).isNull();
  }

  @Test
  void anErrorOfTheVirtualMachineIsReportedToo() {
    assertThat(run((settings, check) -> throwError(), "train.output=o")).isEqualTo(1);
    assertThat(error().getThrown()).isInstanceOf(StackOverflowError.class);
  }

  @Test
  void cyclicCausesEnd() {
    var inner = new IllegalStateException("inner");
    var outer = new IllegalStateException("outer", inner);
    inner.initCause(outer);

    assertThat(runThatThrows(outer)).isEqualTo(1);
    assertThat(error().getMessage().getFormattedMessage()).contains("outer");
  }

  private static void throwError() {
    throw new StackOverflowError("deep");
  }

  private int runThatThrows(Exception thrown) {
    return run(
        (settings, check) -> {
          throw thrown;
        },
        "train.output=o");
  }

  private int run(String... args) {
    return run(
        (settings, check) -> {
          runs.add(settings);
          checks.add(check);
        },
        args);
  }

  private int run(Work work, String... args) {
    return new JobCommand(Job.TRAIN, "TrainJob", "Trains a network.", work)
        .run(new PrintWriter(printed), args);
  }

  private LogEvent error() {
    assertThat(log.events()).hasSize(1);
    assertThat(log.events().get(0).getLevel()).isEqualTo(Level.ERROR);
    return log.events().get(0);
  }
}
