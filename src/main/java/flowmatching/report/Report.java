package flowmatching.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.failure.DataFailure;
import flowmatching.failure.Failure;
import flowmatching.image.Image;
import flowmatching.image.Png;
import flowmatching.report.Page.Fact;
import flowmatching.report.Page.Picture;
import flowmatching.report.Page.Section;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import flowmatching.storage.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code report/index.html}: a run's training, its evaluation, or both, on one page. */
public final class Report {
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  private static final String FOLDER = "report";
  private static final String PAGE = "index.html";

  /** Of a long run. */
  private static final int MOST_PREVIEWS = 12;

  private final Folder run;

  private Report(Folder run) {
    this.run = run;
  }

  /**
   * Makes the page of what the folder of a run has, in place of the one before. One that cannot be
   * made is a warning: all that it would show is in the run's other files.
   */
  public static void write(Folder run) {
    try {
      run.child(FOLDER).write(PAGE, new Report(run).page().html());
      LOG.info("report: {}/{}/{}", run, FOLDER, PAGE);
    } catch (Failure e) {
      LOG.warn("The report is left as it was: {}", e.getMessage());
    }
  }

  private Page page() {
    Optional<TrainingPart> training = json(RunFiles.RECORD).map(this::training);
    Optional<EvaluationPart> evaluation = json(RunFiles.EVALUATION).map(this::evaluation);
    try {
      List<Fact> figures =
          Stream.concat(
                  evaluation.stream().flatMap(part -> part.figures().stream()),
                  training.stream().flatMap(part -> part.figures().stream()))
              .toList();
      List<Section> sections = new ArrayList<>();
      evaluation.ifPresent(part -> sections.addAll(part.sections()));
      training.ifPresent(part -> sections.addAll(part.sections()));
      training.ifPresent(part -> sections.add(part.provenance()));
      evaluation.ifPresent(part -> sections.add(part.provenance()));
      return new Page("Flow matching: " + run.name(), figures, sections);
    } catch (IllegalArgumentException e) {
      throw new DataFailure(
          "a file in %s is of another version of this program: %s.".formatted(run, e.getMessage()),
          e);
    }
  }

  private TrainingPart training(JsonNode record) {
    return new TrainingPart(
        record,
        metrics(),
        previews(),
        sheet(
            run,
            RunFiles.TRAJECTORY,
            "From noise, on the left, to an image, in equal steps of time",
            "Rows of pictures, each from noise to a piece of clothing"));
  }

  private EvaluationPart evaluation(JsonNode result) {
    return new EvaluationPart(
        result,
        sheet(
            run,
            RunFiles.SAMPLES_SHEET,
            "Those of the lowest ids, as they came",
            "A grid of small grey pictures of clothes, shoes and bags that the network drew"),
        sheet(
            run,
            RunFiles.NEAREST_SHEET,
            "Samples above, and below each the training image that is nearest to it",
            "Two rows of pictures: samples, and their nearest training images"),
        modelSha256());
  }

  private Optional<JsonNode> json(String name) {
    return run.exists(name)
        ? Optional.of(
            Json.parse(run.read(name, RunFiles.MAX_JSON_BYTES), JsonNode.class, run + "/" + name))
        : Optional.empty();
  }

  private List<JsonNode> metrics() {
    if (!run.exists(RunFiles.METRICS)) {
      return List.of();
    }
    byte[] lines = run.read(RunFiles.METRICS, RunFiles.MAX_METRICS_BYTES);
    return new String(lines, StandardCharsets.UTF_8)
        .lines()
        .map(
            line ->
                Json.parse(
                    line.getBytes(StandardCharsets.UTF_8),
                    JsonNode.class,
                    run + "/" + RunFiles.METRICS))
        .toList();
  }

  private List<Picture> previews() {
    Folder previews = run.child(RunFiles.PREVIEWS);
    return EvenlySpaced.of(
            previews.list().stream().filter(name -> name.endsWith(RunFiles.PICTURE_END)).toList(),
            MOST_PREVIEWS)
        .stream()
        .map(name -> name.substring(0, name.length() - RunFiles.PICTURE_END.length()))
        .flatMap(
            name ->
                sheet(
                    previews,
                    RunFiles.preview(name),
                    name.replaceFirst("-0*", " "),
                    "What the network drew after " + name.replaceFirst("-0*", " "))
                    .stream())
        .toList();
  }

  private Optional<Picture> sheet(Folder folder, String name, String caption, String alt) {
    if (!folder.exists(name)) {
      return Optional.empty();
    }
    byte[] png = folder.read(name, RunFiles.MAX_PICTURE_BYTES);
    Image image = Png.decode(png, folder + "/" + name);
    String uri = DataUri.of(png);
    return Optional.of(
        new Picture(caption, alt, Picture.SHEET, uri, uri, image.width(), image.height()));
  }

  /** The digest that samples name their model by. */
  private Optional<String> modelSha256() {
    Folder model = run.child(RunFiles.MODEL);
    return model.exists(RunFiles.MODEL_DESCRIPTION)
        ? Optional.of(Sha256.of(model.read(RunFiles.MODEL_DESCRIPTION, RunFiles.MAX_JSON_BYTES)))
        : Optional.empty();
  }
}
