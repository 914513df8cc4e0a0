import flowmatching.base.failure.Failure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.Settings;
import flowmatching.tools.ProcessMemory;
import flowmatching.tools.ReplicaBenchmark;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code submit/bench.sh}: the speed of the network on this machine. */
// Named like the jobs.
@SuppressWarnings("DefaultPackage")
@Command(
    name = "bench.sh",
    description = "Prints the images per second of the article's network, summed over replicas.")
public final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", defaultValue = "1", description = "Threads per replica.")
  private int threads;

  @Parameters(index = "1", defaultValue = "64", description = "Images per step.")
  private int batch;

  @Parameters(index = "2", defaultValue = "8", description = "Steps to measure.")
  private int steps;

  @Parameters(index = "3", defaultValue = "1", description = "Replicas that run at the same time.")
  private int replicas;

  @Option(
      names = "--precision",
      defaultValue = "float32",
      description = "float32, bfloat16 or auto; float32 if it is not given.")
  private Precision precision;

  private Bench() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() {
    if (Stream.of(threads, batch, steps, replicas).anyMatch(number -> number < 1)) {
      throw new ParameterException(
          spec.commandLine(), "THREADS, BATCH, STEPS and REPLICAS must be at least 1.");
    }
    Settings settings =
        Settings.read(Job.TRAIN, LocalDate.EPOCH, List.of(), List.of("train.output=none"));
    try {
      print(
          new ReplicaBenchmark(settings.model(), precision, threads, batch, steps, replicas).run());
      return 0;
    } catch (Failure e) {
      spec.commandLine().getErr().println(e.getMessage());
      return e.exitCode();
    }
  }

  private void print(ReplicaBenchmark.Result result) {
    PrintWriter out = spec.commandLine().getOut();
    ReplicaBenchmark.Rates rates = result.rates();
    out.printf(
        "train_images_per_s %.1f%nforward_images_per_s %.1f%n", rates.train(), rates.forward());
    ReplicaBenchmark.Rates limit = result.limit();
    if (limit.train() > 0) {
      out.printf(
          "share_of_limit %.2f in training, %.2f forward, of %.1f and %.1f images/s with the convolutions and products with weights alone%n",
          rates.train() / limit.train(),
          rates.forward() / limit.forward(),
          limit.train(),
          limit.forward());
      result.byKind().forEach((kind, ms) -> out.printf("%8.3f ms per image: %s%n", ms, kind));
    }
    out.printf("peak_resident_mb %d%n", ProcessMemory.peakBytes() >> 20);
    out.flush();
  }
}
