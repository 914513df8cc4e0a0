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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A job as a command: it reads arguments and settings, works, and turns what goes wrong into a
 * sentence in the log and an exit code.
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   int exitCode = JobCommand.of(Job.TRAIN, "TrainJob", "Trains a network.", TrainJob::run).run(args);
 *   if (exitCode != 0) {
 *     System.exit(exitCode);
 *   }
 * }
 * }</pre>
 */
public final class JobCommand {
  private static final Logger LOG = LoggerFactory.getLogger(JobCommand.class);

  /** Causes are followed so far, in case a chain of them leads back into itself. */
  private static final int MAX_CAUSES = 100;

  /** What a job does. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does the job, or only the checks that come before it.
     *
     * @throws Exception that has a {@link Failure} as itself or among its causes where a user can
     *     mend what went wrong
     */
    void run(Settings settings, boolean checkOnly) throws Exception;
  }

  private final Job job;
  private final String name;
  private final String description;
  private final Work work;

  private JobCommand(Job job, String name, String description, Work work) {
    this.job = job;
    this.name = name;
    this.description = description;
    this.work = work;
  }

  /**
   * A command.
   *
   * @param name the class that {@code spark-submit --class} is given
   * @param description one sentence for the help text
   */
  public static JobCommand of(Job job, String name, String description, Work work) {
    return new JobCommand(job, name, description, work);
  }

  /** Runs the command and returns its exit code; nothing is thrown. */
  public int run(String... args) {
    return run(new PrintWriter(System.out, true, StandardCharsets.UTF_8), args);
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
      commandLine.usage(out);
      return;
    }
    var settings =
        Settings.read(
            job,
            LocalDate.now(ZoneId.systemDefault()),
            ConfigFiles.read(orEmpty(arguments.config())),
            orEmpty(arguments.assignments()));
    if (arguments.explain()) {
      out.print(settings.explanation());
      out.flush();
      return;
    }
    work.run(settings, arguments.check());
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
              "%s, in the arguments %s. --help lists what there is."
                  .formatted(e.getMessage(), Arrays.toString(args))),
          e);
    }
  }

  private static List<String> orEmpty(List<String> values) {
    return values == null ? List.of() : values;
  }

  private int report(Throwable thrown) {
    var failure = failureIn(thrown).or(() -> lostExecutors(thrown)).or(() -> stoppedSpark(thrown));
    if (failure.isPresent()) {
      LOG.error("{}", failure.get().getMessage(), defect(failure.get()));
      return failure.get().exitCode();
    }
    LOG.error(
        "{} ended with an error that is a defect of the program, not of how it was used: {}. Please"
            + " report it with the stack trace that follows.",
        name,
        thrown.getMessage(),
        thrown);
    return 1;
  }

  /** What a stack trace is wanted of, or null: none is of what a user did. */
  private static Throwable defect(Failure failure) {
    return failure instanceof RunFailure run ? run.defect().orElse(null) : null;
  }

  /** The failure of the cluster where Spark gave up because a task lost its executor each time. */
  private Optional<Failure> lostExecutors(Throwable thrown) {
    var words = JobSession.firstLine(thrown.getMessage());
    return thrown instanceof SparkException && words.contains("ExecutorLostFailure")
        ? Optional.of(
            new EnvironmentFailure(
                "Spark gave %s up: %s. The log has the losses before that; a process that ended with exit code 137 had too little memory (spark.executor.memoryOverhead). The same command goes on with the run."
                    .formatted(name, words),
                thrown))
        : Optional.empty();
  }

  /** The failure of the cluster if Spark ended under the job, as it does when no master answers. */
  private Optional<Failure> stoppedSpark(Throwable thrown) {
    var words = JobSession.firstLine(thrown.getMessage());
    return words.startsWith("Cannot call methods on a stopped SparkContext")
            || words.contains("SparkContext was shut down")
        ? Optional.of(
            new EnvironmentFailure(
                "Spark ended before %s did. Read the lines above and the cluster's logs for the reason, and check that a master answers at its address (MASTER or --master). The same command resumes the run."
                    .formatted(name),
                thrown))
        : Optional.empty();
  }

  /** The failure that is the reason; Spark wraps what its tasks throw. */
  private static Optional<Failure> failureIn(Throwable thrown) {
    return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
        .limit(MAX_CAUSES)
        .filter(Failure.class::isInstance)
        .map(Failure.class::cast)
        .findFirst();
  }
}
