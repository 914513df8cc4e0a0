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
 * @param model the folder of the trained network; empty only where it is not set and the job that
 *     runs is not {@link Job#SAMPLE}
 * @param output the folder under which each run date has one of its own; empty as {@code model}
 * @param runDate the day that the run is for
 * @param count images
 * @param firstId the lowest id, a multiple of {@code batchSize}, so that ids are grouped alike
 *     whichever is the first
 * @param seed of the noise that the images start as
 * @param seedOfRunDate whether the seed follows from the run date
 * @param solver the method that follows the velocity from noise to image
 * @param steps of equal length, for a solver of fixed steps
 * @param times between which such a solver makes a step each, rising from 0 to 1; where it is
 *     empty, {@code steps} says them
 * @param tolerance of a solver that chooses its steps
 * @param batchSize ids that go through the network together; part of what the images depend on
 * @param rangeSize ids per task and object, a multiple of {@code batchSize}
 * @param formats the kinds of file that are written, at least one, each once
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
    int batchSize,
    int rangeSize,
    List<Format> formats,
    Grid grid)
    implements Serializable {

  /** Each is a task, and a line of the manifest, which the driver holds in memory. */
  private static final int MAX_RANGES = 100_000;

  /** The first id that a file's name of nine digits cannot have. */
  private static final long END_OF_IDS = 1_000_000_000;

  /** A method that follows the velocity from noise to image. */
  public enum Solver {
    EULER,
    MIDPOINT,
    HEUN,
    RK4,
    DOPRI5;

    /** Whether it chooses its own steps, by the tolerance. */
    public boolean isAdaptive() {
      return this == DOPRI5;
    }
  }

  /**
   * The error that a step may have in a value.
   *
   * @param relative as a share of the value, which is added to the absolute one
   */
  public record Tolerance(double absolute, double relative) implements Serializable {}

  /** A kind of file that images are written to. */
  public enum Format {
    PARQUET,
    PNG,
    TAR
  }

  /**
   * The contact sheet.
   *
   * @param columns images a row
   * @param images at most so many images are on it, those of the lowest ids
   */
  public record Grid(int columns, int images) implements Serializable {}

  public SampleSettings {
    formats = List.copyOf(formats);
    times = List.copyOf(times);
  }

  static SampleSettings read(Reader reader, Job job) {
    boolean sampling = job == Job.SAMPLE;
    long count = reader.value("sample.count", Kind.IMAGES);
    int batchSize = reader.value("sample.batch-size", Kind.integer(1, 4096));
    int automatic = automaticRangeSize(count, batchSize);
    LocalDate runDate = reader.value("sample.run-date", Kind.DATE);
    Optional<Long> seed =
        reader.value("sample.seed", Kind.SEED.map(Optional::of).or("run-date", Optional.empty()));
    var settings =
        new SampleSettings(
            sampling
                ? reader.value("sample.model", Kind.FOLDER)
                : reader.value("sample.model", Kind.FOLDER, ""),
            sampling
                ? reader.value("sample.output", Kind.FOLDER)
                : reader.value("sample.output", Kind.FOLDER, ""),
            runDate,
            count,
            reader.value("sample.first-id", Kind.FIRST_ID),
            seed.orElse(seedOf(runDate)),
            seed.isEmpty(),
            reader.value("sample.solver", Kind.oneOf(Solver.class)),
            reader.value("sample.steps", Kind.STEPS),
            reader.value("sample.times", Kind.TIME.list(2, 10_001).or("uniform", List.of())),
            new Tolerance(
                reader.value("sample.tolerance.absolute", Kind.TOLERANCE),
                reader.value("sample.tolerance.relative", Kind.TOLERANCE)),
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

  /** The date's digits as a number, which people read and repeat: 20261124. */
  private static long seedOf(LocalDate date) {
    return Long.parseLong(date.format(DateTimeFormatter.BASIC_ISO_DATE));
  }

  /**
   * As many whole batches as make 64 ranges, so that executors have about as much to do each, or
   * 1024 images where that is less, so that a lost task costs little.
   */
  private static int automaticRangeSize(long count, int batchSize) {
    long batches = (count + batchSize - 1) / batchSize;
    long balanced = Math.min(batches / 64, 1024 / batchSize);
    long fewEnough = (batches + MAX_RANGES - 1) / MAX_RANGES;
    return Math.toIntExact(Math.max(1, Math.max(balanced, fewEnough)) * batchSize);
  }

  /** The same with so many images. */
  public SampleSettings withCount(long images) {
    return copy(images, solver, steps, times, tolerance);
  }

  /** The same with a solver in steps of the same length. */
  SampleSettings with(Solver fixed, int equalSteps) {
    return copy(count, fixed, equalSteps, List.of(), tolerance);
  }

  /** The same with a solver that chooses its steps. */
  SampleSettings with(Solver adaptive, Tolerance bound) {
    return copy(count, adaptive, steps, times, bound);
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
        batchSize,
        rangeSize,
        formats,
        grid);
  }

  /** The id after the last. */
  public long endId() {
    return firstId + count;
  }

  /** How many ranges of ids there are, the last of which may be shorter. */
  public long ranges() {
    return (count + rangeSize - 1) / rangeSize;
  }

  private void check(Reader reader) {
    if (reader.sound("sample.batch-size", "sample.range-size") && rangeSize % batchSize != 0) {
      reader.reject(
          "sample.range-size", "must be a multiple of sample.batch-size, which is " + batchSize);
    }
    if (reader.sound("sample.count", "sample.range-size") && ranges() > MAX_RANGES) {
      reader.reject(
          "sample.range-size",
          "must make at most %d ranges of the %d images of sample.count, and would make %d: give a larger one"
              .formatted(MAX_RANGES, count, ranges()));
    }
    if (reader.sound("sample.first-id", "sample.batch-size") && firstId % batchSize != 0) {
      reader.reject(
          "sample.first-id", "must be a multiple of sample.batch-size, which is " + batchSize);
    }
    if (reader.sound("sample.first-id", "sample.count") && endId() > END_OF_IDS) {
      reader.reject(
          "sample.first-id",
          "must be at most %d, since ids end at %d and sample.count is %d"
              .formatted(END_OF_IDS - count, END_OF_IDS - 1, count));
    }
    if (reader.sound("sample.times") && !times.isEmpty() && !risesFromZeroToOne(times)) {
      reader.reject(
          "sample.times", "must rise from 0 to 1, each number larger than the one before");
    }
    if (reader.sound("sample.formats") && new HashSet<>(formats).size() != formats.size()) {
      reader.reject("sample.formats", "must name no format twice");
    }
  }

  private static boolean risesFromZeroToOne(List<Double> times) {
    return times.get(0) == 0
        && times.get(times.size() - 1) == 1
        && IntStream.range(1, times.size()).allMatch(i -> times.get(i - 1) < times.get(i));
  }
}
