package flowmatching.base.settings;

import java.io.Serializable;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Section {@code sample}: which images are drawn from a trained network, and where they go. Their
 * ids are {@code firstId} to {@code firstId + count - 1}.
 *
 * @param model the folder of the trained network; empty only if it is not set and the job is not
 *     {@link Job#SAMPLE}
 * @param output the folder that has one folder per run date; empty as {@code model}
 * @param runDate the day that the run is for
 * @param firstId the lowest id, a multiple of {@code batchSize}, so that batches always hold the
 *     same ids
 * @param seed of the noise that the images start as
 * @param seedOfRunDate whether the seed follows from the run date
 * @param steps of equal length, for a solver with fixed steps
 * @param times the ends of such steps, rising from 0 to 1; empty for {@code steps} equal ones
 * @param tolerance of a solver that chooses its steps
 * @param precision of the network
 * @param batchSize ids per pass through the network; the bytes of the images depend on it
 * @param rangeSize ids per task and object, a multiple of {@code batchSize}
 * @param formats the kinds of file to write, at least one, each once
 */
public record SampleSettings(
    String model,
    String output,
    LocalDate runDate,
    long count,
    long firstId,
    long seed,
    boolean seedOfRunDate,
    Solver solver,
    int steps,
    List<Double> times,
    Tolerance tolerance,
    Precision precision,
    int batchSize,
    int rangeSize,
    List<Format> formats,
    Grid grid)
    implements Serializable {

  /** Each is a task and a line of the manifest, which the driver has in memory. */
  private static final int MAX_RANGES = 100_000;

  /** The first id that does not fit into the nine digits of a file name. */
  private static final long END_OF_IDS = 1_000_000_000;

  /** A method that integrates the velocity from noise to image. */
  public enum Solver {
    EULER,
    MIDPOINT,
    HEUN,
    RK4,
    DOPRI5;

    /** Whether it chooses its steps by the tolerance. */
    public boolean isAdaptive() {
      return this == DOPRI5;
    }
  }

  /** The allowed error of a step in a value x: absolute + relative |x|. */
  public record Tolerance(double absolute, double relative) implements Serializable {}

  public enum Format {
    PARQUET,
    PNG,
    TAR
  }

  /**
   * The contact sheet.
   *
   * @param images the largest number of images on it, those with the lowest ids
   */
  public record Grid(int columns, int images) implements Serializable {}

  public SampleSettings {
    formats = List.copyOf(formats);
    times = List.copyOf(times);
  }

  static SampleSettings read(Reader reader, Job job) {
    long count = reader.value("sample.count", Kind.IMAGES);
    int batchSize = reader.value("sample.batch-size", Kind.integer(1, 4096));
    int automatic = automaticRangeSize(count, batchSize);
    LocalDate runDate = reader.value("sample.run-date", Kind.DATE);
    Optional<Long> seed =
        reader.value("sample.seed", Kind.SEED.map(Optional::of).or("run-date", Optional.empty()));
    var settings =
        new SampleSettings(
            reader.folder("sample.model", job == Job.SAMPLE),
            reader.folder("sample.output", job == Job.SAMPLE),
            runDate,
            count,
            reader.value("sample.first-id", Kind.FIRST_ID),
            // People can read it: 20261124.
            seed.orElse(Long.parseLong(runDate.format(DateTimeFormatter.BASIC_ISO_DATE))),
            seed.isEmpty(),
            reader.value("sample.solver", Kind.oneOf(Solver.class)),
            reader.value("sample.steps", Kind.STEPS),
            reader.value("sample.times", Kind.TIME.list(2, 10_001).or("uniform", List.of())),
            new Tolerance(
                reader.value("sample.tolerance.absolute", Kind.TOLERANCE),
                reader.value("sample.tolerance.relative", Kind.TOLERANCE)),
            reader.value("sample.precision", Kind.oneOf(Precision.class)),
            batchSize,
            reader.value("sample.range-size", Kind.integer(1, 1_048_576).or("auto", automatic)),
            reader.value(
                "sample.formats", Kind.oneOf(Format.class).list(1, Format.values().length)),
            new Grid(
                reader.value("sample.grid.columns", Kind.integer(1, 256)),
                reader.value("sample.grid.images", Kind.integer(1, 4096))));
    settings.check(reader);
    return settings;
  }

  /**
   * Whole batches for 64 ranges, so that executors have similar loads, but at most 1024 images, so
   * that a lost task costs little.
   */
  private static int automaticRangeSize(long count, int batchSize) {
    long batches = (count + batchSize - 1) / batchSize;
    long balanced = Math.min(batches / 64, 1024 / batchSize);
    long fewEnough = (batches + MAX_RANGES - 1) / MAX_RANGES;
    return Math.toIntExact(Math.max(1, Math.max(balanced, fewEnough)) * batchSize);
  }

  /** The same settings with another number of images. */
  public SampleSettings withCount(long images) {
    return copy(images, solver, steps, times, tolerance);
  }

  /** The same settings with another solver; fixed steps have the same length. */
  public SampleSettings with(SolverEffort chosen) {
    double error = chosen.effort().doubleValue();
    return chosen.solver().isAdaptive()
        ? copy(count, chosen.solver(), steps, times, new Tolerance(error, error))
        : copy(count, chosen.solver(), chosen.effort().intValue(), List.of(), tolerance);
  }

  private SampleSettings copy(
      long images, Solver method, int equalSteps, List<Double> between, Tolerance bound) {
    return new SampleSettings(
        model,
        output,
        runDate,
        images,
        firstId,
        seed,
        seedOfRunDate,
        method,
        equalSteps,
        between,
        bound,
        precision,
        batchSize,
        rangeSize,
        formats,
        grid);
  }

  /** The id after the last. */
  public long endId() {
    return firstId + count;
  }

  /** The number of ranges of ids. The last one may be shorter. */
  public long ranges() {
    return (count + rangeSize - 1) / rangeSize;
  }

  /**
   * Checks that the ids of a job's images fit into file names.
   *
   * @param countKey the setting with their number
   */
  void checkIds(Reader reader, String countKey, long images) {
    if (reader.sound("sample.first-id", countKey) && firstId + images > END_OF_IDS) {
      reader.reject(
          "sample.first-id",
          "must be at most %d, because ids end at %d and %s is %d"
              .formatted(END_OF_IDS - images, END_OF_IDS - 1, countKey, images));
    }
  }

  private void check(Reader reader) {
    if (reader.sound("sample.batch-size", "sample.range-size") && rangeSize % batchSize != 0) {
      reader.reject(
          "sample.range-size", "must be a multiple of sample.batch-size, which is " + batchSize);
    }
    if (reader.sound("sample.count", "sample.range-size") && ranges() > MAX_RANGES) {
      reader.reject(
          "sample.range-size",
          "must split the %d images of sample.count into at most %d ranges, not %d: use a larger one"
              .formatted(count, MAX_RANGES, ranges()));
    }
    if (reader.sound("sample.first-id", "sample.batch-size") && firstId % batchSize != 0) {
      reader.reject(
          "sample.first-id", "must be a multiple of sample.batch-size, which is " + batchSize);
    }
    if (reader.sound("sample.times") && !times.isEmpty() && !risesFromZeroToOne(times)) {
      reader.reject(
          "sample.times", "must rise from 0 to 1, each number larger than the previous one");
    }
    if (reader.sound("sample.formats") && new HashSet<>(formats).size() != formats.size()) {
      reader.reject("sample.formats", "must not name a format twice");
    }
  }

  private static boolean risesFromZeroToOne(List<Double> times) {
    return times.get(0) == 0
        && times.get(times.size() - 1) == 1
        && IntStream.range(1, times.size()).allMatch(i -> times.get(i - 1) < times.get(i));
  }
}
