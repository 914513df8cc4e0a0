package flowmatching.settings;

import java.io.Serializable;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;

/**
 * Section {@code sample}: which images are drawn from a trained network, and where they go. Their
 * ids are 0 to {@code count - 1}.
 *
 * @param model the folder of the trained network; empty only where it is not set and the job that
 *     runs is not {@link Job#SAMPLE}
 * @param output the folder under which each run date has one of its own; empty as {@code model}
 * @param runDate the day that the run is for
 * @param count images
 * @param seed of the noise that the images start as
 * @param solver the method that follows the velocity from noise to image
 * @param steps of the solver, an image
 * @param batchSize ids that go through the network together; part of what the images depend on
 * @param rangeSize ids a Parquet object, a multiple of {@code batchSize}
 * @param formats the kinds of file that are written, each once, Parquet always among them
 */
public record SampleSettings(
    String model,
    String output,
    LocalDate runDate,
    long count,
    long seed,
    Solver solver,
    int steps,
    int batchSize,
    int rangeSize,
    List<Format> formats,
    Grid grid)
    implements Serializable {

  /** A method that follows the velocity from noise to image. */
  public enum Solver {
    EULER
  }

  /** A kind of file that images are written to. */
  public enum Format {
    PARQUET,
    PNG
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
  }

  static SampleSettings read(Reader reader, Job job) {
    boolean sampling = job == Job.SAMPLE;
    var settings =
        new SampleSettings(
            sampling
                ? reader.value("sample.model", Kind.FOLDER)
                : reader.value("sample.model", Kind.FOLDER, ""),
            sampling
                ? reader.value("sample.output", Kind.FOLDER)
                : reader.value("sample.output", Kind.FOLDER, ""),
            reader.value("sample.run-date", Kind.DATE),
            reader.value("sample.count", Kind.IMAGES),
            reader.value("sample.seed", Kind.SEED),
            reader.value("sample.solver", Kind.oneOf(Solver.class)),
            reader.value("sample.steps", Kind.STEPS),
            reader.value("sample.batch-size", Kind.integer(1, 4096)),
            reader.value("sample.range-size", Kind.integer(1, 1_048_576)),
            reader.value("sample.formats", Kind.oneOf(Format.class).list(1, 2)),
            new Grid(
                reader.value("sample.grid.columns", Kind.integer(1, 256)),
                reader.value("sample.grid.images", Kind.integer(1, 4096))));
    settings.check(reader);
    return settings;
  }

  private void check(Reader reader) {
    if (reader.sound("sample.batch-size", "sample.range-size") && rangeSize % batchSize != 0) {
      reader.reject(
          "sample.range-size", "must be a multiple of sample.batch-size, which is " + batchSize);
    }
    if (reader.sound("sample.formats")
        && (!formats.contains(Format.PARQUET) || new HashSet<>(formats).size() != formats.size())) {
      reader.reject("sample.formats", "must name parquet, and no format twice");
    }
  }
}
