package flowmatching.job;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.LocationText;
import flowmatching.base.settings.Settings;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A job as a command: it reads arguments and settings, does its work, and turns a failure into a
 * sentence in the log and an exit code.
 *
 * @param name the class for {@code spark-submit --class}
 * @param description one sentence for the help text
 */
public record JobCommand(Job job, String name, String description, Work work) {
  private static final Logger LOG = LoggerFactory.getLogger(JobCommand.class);

  /** The work of a job. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does the job, or only the checks before it.
     *
     * @throws Exception that is or has as a cause a {@link Failure}, if a user can fix the problem
     */
    void run(Settings settings, boolean checkOnly) throws Exception;
  }

  /** Runs the command, and then gives its exit code to {@code exit} unless that is 0. */
  public void run(IntConsumer exit, String... args) {
    int exitCode = run(new PrintWriter(System.out, true, StandardCharsets.UTF_8), args);
    if (exitCode != 0) {
      exit.accept(exitCode);
    }
  }

  int run(PrintWriter out, String... args) {
    try {
      execute(out, args);
      return 0;
    } catch (Throwable e) {
      return report(e);
    }
  }

  private void execute(PrintWriter out, String... args) throws Exception {
    var commandLine = commandLine();
    var arguments = parse(commandLine, args);
    if (arguments.help()) {
      print(out, commandLine.getUsageMessage());
      return;
    }
    var settings =
        Settings.read(
            job,
            LocalDate.now(ZoneId.systemDefault()),
            ConfigFiles.read(orEmpty(arguments.config())),
            orEmpty(arguments.assignments()));
    if (arguments.explain()) {
      print(out, settings.explanation());
      return;
    }
    work.run(settings, arguments.check());
  }

  /** The writer reports a failure only if asked. */
  private static void print(PrintWriter out, String text) {
    out.print(text);
    if (out.checkError()) {
      throw new EnvironmentFailure(
          "The standard output cannot be written to: check that the file or program it goes to takes it, and that its disk has space.");
    }
  }

  private CommandLine commandLine() {
    var commandLine = new CommandLine(Arguments.class).setExpandAtFiles(false);
    commandLine
        .getCommandSpec()
        .name(name)
        .usageMessage()
        .width(100)
        .description(description)
        .customSynopsis(
            "spark-submit [spark options] --class %s flow-matching.jar".formatted(name),
            "    [--config FILE-or-URI]... [--explain | --check | --help] [path=value]...");
    return commandLine;
  }

  private static Arguments parse(CommandLine commandLine, String... args) {
    try {
      commandLine.parseArgs(args);
      return commandLine.getCommand();
    } catch (ParameterException e) {
      throw new ConfigurationFailure(
          LocationText.withoutCredentials(
              "%s, in the arguments %s. --help lists the options."
                  .formatted(e.getMessage(), Arrays.toString(args))),
          e);
    }
  }

  private static List<String> orEmpty(List<String> values) {
    return values == null ? List.of() : values;
  }

  private int report(Throwable thrown) {
    if (Interruption.isUnderWay()) {
      return 1;
    }
    var found = failureIn(thrown);
    var failure =
        found
            .filter(stated -> !(stated instanceof RunFailure))
            .or(() -> failureOfFullDisk(thrown))
            .or(() -> found)
            .or(() -> failureOfSpark(thrown));
    if (failure.isPresent()) {
      // The stack trace of a defect belongs in the log, none for what a user can fix.
      var defect = failure.get() instanceof RunFailure run ? run.defect().orElse(null) : null;
      LOG.error("{}", failure.get().getMessage(), defect);
      return failure.get().exitCode();
    }
    LOG.error(
        "{} ended with an error that is a defect of the program, not of its use: {}. Please report it with the stack trace that follows.",
        name,
        thrown.getMessage(),
        thrown);
    return 1;
  }

  /** The failure of Spark on a full disk. One that failed to write the output is not of Spark. */
  private static Optional<Failure> failureOfFullDisk(Throwable thrown) {
    return ExceptionUtils.getThrowableList(thrown).stream()
        .map(Throwable::getMessage)
        .filter(message -> message != null && TemporaryFolders.saysFull(message))
        .findFirst()
        .map(JobSession::firstLine)
        .map(
            words ->
                new EnvironmentFailure(
                    "A disk is full: %s. %s. On a cluster, executors use the SPARK_LOCAL_DIRS of their workers. The same command resumes the run."
                        .formatted(words, TemporaryFolders.of(new SparkConf()).fixIfFull()),
                    thrown));
  }

  /** The failure of a cluster that lost a task's executor too often, or whose context stopped. */
  private Optional<Failure> failureOfSpark(Throwable thrown) {
    var words = JobSession.firstLine(thrown.getMessage());
    if (thrown instanceof SparkException && words.contains("ExecutorLostFailure")) {
      return Optional.of(
          new EnvironmentFailure(
              "Spark gave up on %s: %s. The log has the earlier losses; a process that ended with exit code 137 had too little memory (spark.executor.memoryOverhead). The same command resumes the run."
                  .formatted(name, words),
              thrown));
    }
    // The context also stops if no master answers.
    return words.startsWith("Cannot call methods on a stopped SparkContext")
            || words.contains("SparkContext was shut down")
        ? Optional.of(
            new EnvironmentFailure(
                "Spark ended before %s did. Read the lines above and the cluster's logs for the reason, and check that a master answers at its address (MASTER or --master). The same command resumes the run."
                    .formatted(name),
                thrown))
        : Optional.empty();
  }

  /** The first failure among the causes, because Spark wraps exceptions of tasks. */
  private static Optional<Failure> failureIn(Throwable thrown) {
    return Optional.ofNullable(ExceptionUtils.throwableOfType(thrown, Failure.class));
  }
}
