package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.Failure;
import flowmatching.base.format.Json;
import flowmatching.means.image.Png;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.RunFiles;
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
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  private static final String FOLDER = "report";
  private static final String PAGE = "index.html";

  private final Folder run;
  private final Charts charts = new Charts();

  private Report(Folder run) {
    this.run = run;
  }

  /**
   * Makes the page of what the folder of a run has, in place of the one before. What cannot be
   * shown is left out with a warning: it is in the run's other files.
   */
  public static void write(Folder run) {
    try {
      List<Part> parts = new Report(run).parts();
      if (!parts.isEmpty()) {
        run.child(FOLDER).write(PAGE, page(run, parts).html());
        LOG.info("report: {}/{}/{}", run, FOLDER, PAGE);
      }
    } catch (Failure e) {
      LOG.warn("The report is left as it was: {}", e.getMessage());
    } catch (OutOfMemoryError e) {
      LOG.warn(
          "The report is left as it was, since the driver's memory is full ({}): give it more (--driver-memory).",
          e.getMessage());
    } catch (RuntimeException | Error e) {
      // No page is worth a run that has trained for hours.
      LOG.warn("The report is left as it was, by a defect of the program: please report it.", e);
    }
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
            read(RunFiles.EVALUATION, file -> evaluation(json(file), epochs)),
            read(RunFiles.RECORD, file -> training(json(file), epochs)))
        .flatMap(Optional::stream)
        .toList();
  }

  private <T> Optional<T> read(String file, Function<String, T> make) {
    try {
      return run.exists(file) ? Optional.of(make.apply(file)) : Optional.empty();
    } catch (Failure e) {
      LOG.warn("The report goes without what {} says: {}", file, e.getMessage());
    } catch (IllegalArgumentException e) {
      // Jackson's, of a value that is not there.
      LOG.warn(
          "The report goes without what {}/{} says, since another version of this program wrote it: {}.",
          run,
          file,
          e.getMessage());
    }
    return Optional.empty();
  }

  private JsonNode json(String file) {
    return json(run.read(file, RunFiles.MAX_JSON_BYTES), file);
  }

  private JsonNode json(byte[] text, String file) {
    return Json.parse(text, JsonNode.class, run + "/" + file);
  }

  private Epochs epochs(String file) {
    String lines = new String(run.read(file, Folder.MAX_LINES_BYTES), StandardCharsets.UTF_8);
    return Epochs.of(
        lines.lines().toList(), line -> json(line.getBytes(StandardCharsets.UTF_8), file));
  }

  private Part training(JsonNode record, Optional<Epochs> epochs) {
    return new TrainingPart(
            charts,
            record,
            epochs,
            this::preview,
            sheet(
                run,
                RunFiles.TRAJECTORY,
                "From noise, on the left, to the image",
                "Rows of pictures, each from noise to an image that the network drew"))
        .part();
  }

  private Part evaluation(JsonNode result, Optional<Epochs> epochs) {
    return new EvaluationPart(
            charts,
            result,
            sheet(
                run,
                RunFiles.SAMPLES_SHEET,
                "Those of the lowest ids, as they came",
                "A grid of pictures that the network drew"),
            sheet(
                run,
                RunFiles.NEAREST_SHEET,
                "Samples above, and below each the training image that is nearest to it",
                "Two rows of pictures: samples, and their nearest training images"),
            epochs.flatMap(this::lastModel))
        .part();
  }

  /** The digest of the network that the training has come to. */
  private Optional<String> lastModel(Epochs epochs) {
    String last = RunFiles.epoch(Epochs.number(epochs.last()));
    return ModelFolder.digest(run.child(RunFiles.CHECKPOINTS).child(last));
  }

  private Optional<Picture> preview(int epoch) {
    return sheet(
        run.child(RunFiles.PREVIEWS),
        RunFiles.preview(epoch),
        "Epoch %d".formatted(epoch),
        "Pictures that the network drew after epoch %d".formatted(epoch));
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
      LOG.warn("The report goes without a picture: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
