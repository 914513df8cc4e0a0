package flowmatching.work.report;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.format.Json;
import flowmatching.means.image.Png;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.EvaluationResult;
import flowmatching.means.run.RunFiles;
import flowmatching.means.run.RunRecord;
import flowmatching.means.storage.Folder;
import flowmatching.work.report.Page.Picture;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code report/index.html}: a run's training, its evaluation, or both, on one page. */
public final class Report {
  /** The folder of the page, in that of the run. */
  public static final String FOLDER = "report";

  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  private static final String PAGE = "index.html";

  private final Folder run;
  private final Charts charts = new Charts();

  private Report(Folder run) {
    this.run = run;
  }

  /**
   * Writes the page about the files in the folder of a run. Parts that cannot be shown are left out
   * with a warning. This never fails: a page is not worth a run that has trained for hours.
   */
  public static void write(Folder run) {
    try {
      List<Part> parts = new Report(run).parts();
      if (!parts.isEmpty()) {
        run.child(FOLDER).write(PAGE, page(run, parts).html());
        LOG.info("report: {}/{}/{}", run, FOLDER, PAGE);
      }
    } catch (Failure e) {
      LOG.warn("The report was not updated: {}", e.getMessage());
    } catch (OutOfMemoryError e) {
      LOG.warn(
          "The report was not updated because the driver is out of memory ({}): increase --driver-memory.",
          e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.warn(
          "The report was not updated because of a defect of the program: please report it.", e);
    }
  }

  /** Whether the folder of a run has a page. */
  public static boolean isIn(Folder run) {
    return run.child(FOLDER).exists(PAGE);
  }

  private static Page page(Folder run, List<Part> parts) {
    return new Page(
        "Flow matching: " + run.name(),
        parts.stream().flatMap(part -> part.figures().stream()).toList(),
        Stream.concat(
                parts.stream().flatMap(part -> part.sections().stream()),
                parts.stream().map(Part::provenance))
            .toList());
  }

  private List<Part> parts() {
    Optional<Epochs> epochs = read(RunFiles.METRICS, this::epochs);
    return Stream.of(
            read(RunFiles.EVALUATION, file -> evaluation(file, epochs)),
            read(RunFiles.RECORD, file -> training(file, epochs)))
        .flatMap(Optional::stream)
        .toList();
  }

  private <T> Optional<T> read(String file, Function<String, T> make) {
    try {
      return run.exists(file) ? Optional.of(make.apply(file)) : Optional.empty();
    } catch (Failure e) {
      LOG.warn("The report leaves out {}: {}", file, e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn(
          "The report leaves out {}/{} because of a defect of the program: please report it.",
          run,
          file,
          e);
    }
    return Optional.empty();
  }

  private <T> T json(String file, Class<T> type) {
    return Json.parseTolerantly(run.read(file, RunFiles.MAX_JSON_BYTES), type, run + "/" + file);
  }

  private Epochs epochs(String file) {
    List<EpochMetrics> epochs =
        new String(run.read(file, Folder.MAX_LINES_BYTES), StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.getBytes(StandardCharsets.UTF_8))
            .map(line -> Json.parseTolerantly(line, EpochMetrics.class, run + "/" + file))
            .toList();
    if (epochs.isEmpty()) {
      throw new DataFailure("%s/%s has no line.".formatted(run, file));
    }
    return Epochs.of(epochs);
  }

  private Part training(String file, Optional<Epochs> epochs) {
    return new TrainingPart(
            charts,
            json(file, RunRecord.class),
            epochs,
            this::preview,
            sheet(
                run,
                RunFiles.TRAJECTORY,
                "From noise on the left to the sample on the right",
                "Rows of pictures, each from noise to a sample"))
        .part();
  }

  private Part evaluation(String file, Optional<Epochs> epochs) {
    return new EvaluationPart(
            charts,
            json(file, EvaluationResult.class),
            sheet(
                run,
                RunFiles.SAMPLES_SHEET,
                "The samples of the lowest ids, not selected",
                "A grid of samples"),
            sheet(
                run,
                RunFiles.NEAREST_SHEET,
                "Samples above, and the nearest training image below each",
                "Two rows of pictures: samples, and their nearest training images"),
            epochs.flatMap(this::lastModel))
        .part();
  }

  /** The digest of the last network of the training. */
  private Optional<String> lastModel(Epochs epochs) {
    String last = RunFiles.epoch(epochs.last().epoch());
    return ModelFolder.digest(run.child(RunFiles.CHECKPOINTS).child(last));
  }

  private Optional<Picture> preview(int epoch) {
    return sheet(
        run.child(RunFiles.PREVIEWS),
        RunFiles.preview(epoch),
        "Epoch " + epoch,
        "Samples of the network after epoch " + epoch);
  }

  private Optional<Picture> sheet(Folder folder, String name, String caption, String alt) {
    try {
      if (!folder.exists(name)) {
        return Optional.empty();
      }
      byte[] png = folder.read(name, RunFiles.MAX_PICTURE_BYTES);
      Png.Size size = Png.size(png, folder + "/" + name);
      return Optional.of(
          new Picture(
              caption, alt, Picture.SHEET, Picture.uri(png), "", size.width(), size.height()));
    } catch (Failure e) {
      LOG.warn("The report leaves out a picture: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
