package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Picture;
import flowmatching.work.report.Page.Row;
import flowmatching.work.report.Page.Section;
import flowmatching.work.report.Page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * What the page says of a training.
 *
 * @param record {@code run.json}
 * @param epochs that are done; nothing where none is, or they cannot be read
 * @param preview of an epoch
 */
record TrainingPart(
    Charts charts,
    JsonNode record,
    Optional<Epochs> epochs,
    IntFunction<Optional<Picture>> preview,
    Optional<Picture> trajectory) {
  private static final int MOST_PREVIEWS = 12;

  private static final List<String> SHARES =
      List.of("compute", "data", "exchange", "waiting", "resynchronisation");

  Part part() {
    return new Part(
        epochs.map(this::figures).orElse(List.of()),
        epochs.map(this::sections).orElse(List.of()),
        provenance());
  }

  private List<Fact> figures(Epochs epochs) {
    JsonNode last = epochs.last();
    return List.of(
        new Fact("validation loss", Figures.of(last.required("validation_loss").asDouble())),
        new Fact("epochs", Figures.count(Epochs.number(last))),
        new Fact("time of its epochs", Figures.duration(epochs.seconds())),
        new Fact("images/s of training", Figures.of(last.required("images_per_s").asDouble())));
  }

  private List<Section> sections(Epochs epochs) {
    List<Section> sections = new ArrayList<>(List.of(learning(epochs)));
    List<Picture> previews =
        EvenlySpaced.of(epochs.shown(), MOST_PREVIEWS).stream()
            .map(Epochs::number)
            .map(preview::apply)
            .flatMap(Optional::stream)
            .toList();
    if (!previews.isEmpty()) {
      sections.add(
          new Section("Previews", "What the network drew from the same noise as it learned.")
              .withPictures(previews));
    }
    trajectory.ifPresent(
        picture ->
            sections.add(
                new Section(
                        "From noise to images",
                        "The way of a few samples, by the network of the last epoch.")
                    .withPictures(List.of(picture))));
    sections.add(speed(epochs));
    return sections;
  }

  private Section learning(Epochs epochs) {
    Map<String, List<Double>> losses = new LinkedHashMap<>();
    losses.put("training", values(epochs, "/loss"));
    losses.put("validation", values(epochs, "/validation_loss"));
    return new Section(
            "Learning",
            "The mean squared error of the velocity: over the images of an epoch, as the network was at each step, and over %s test images with the same noise each time, as it was after the epoch."
                .formatted(Figures.count(record.requiredAt("/validation_data/images").asLong())))
        .withPictures(
            charts.lines(
                new Charts.Values(
                    "Mean squared error",
                    "Mean squared error by epoch: training %s, validation %s."
                        .formatted(ends(losses.get("training")), ends(losses.get("validation"))),
                    "epoch",
                    numbers(epochs),
                    losses)))
        .withTables(
            new Table(
                "Epochs",
                List.of("epoch", "training", "validation", "images/s", "time"),
                epochs.shown().stream().map(TrainingPart::row).toList()));
  }

  private static Row row(JsonNode epoch) {
    return new Row(
        List.of(
            Figures.count(Epochs.number(epoch)),
            Figures.of(epoch.required("loss").asDouble()),
            Figures.of(epoch.required("validation_loss").asDouble()),
            Figures.of(epoch.required("images_per_s").asDouble()),
            Figures.duration(Epochs.seconds(epoch))));
  }

  private Section speed(Epochs epochs) {
    List<Double> speeds = values(epochs, "/images_per_s");
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Epochs.STAGES.forEach(stage -> seconds.put(stage, values(epochs, "/seconds/" + stage)));
    List<Picture> pictures = new ArrayList<>();
    pictures.addAll(
        charts.stackedBars(
            new Charts.Values(
                "Images trained on in a second",
                "Images a second by epoch: %s.".formatted(ends(speeds)),
                "epoch",
                numbers(epochs),
                Map.of("images/s", speeds))));
    pictures.addAll(
        charts.stackedBars(
            new Charts.Values(
                "Seconds of an epoch",
                "Seconds by epoch and stage; the table below has the last epoch's.",
                "epoch",
                numbers(epochs),
                seconds)));
    JsonNode last = epochs.last();
    return new Section(
            "Where the time went",
            "Replicas: %s; threads of each: %s."
                .formatted(
                    last.required("replicas").asText(),
                    record.requiredAt("/cluster/threads").asText()))
        .withPictures(pictures)
        .withTables(
            new Table(
                "The last epoch",
                List.of("what", "value"),
                Stream.concat(
                        Epochs.STAGES.stream().map(stage -> stage(last, stage)),
                        SHARES.stream().map(share -> share(last, share)))
                    .toList()));
  }

  private static Row stage(JsonNode epoch, String stage) {
    return new Row(
        List.of(stage, Figures.of(epoch.requiredAt("/seconds/" + stage).asDouble()) + " s"));
  }

  private static Row share(JsonNode epoch, String share) {
    return new Row(
        List.of(
            "replicas: " + share, Figures.percent(epoch.requiredAt("/share/" + share).asDouble())));
  }

  private Section provenance() {
    return new Section("The training's settings and origin", "")
        .withTables(
            Tables.settings(record.required("settings"), record.required("origins")),
            Tables.values(
                "What made it",
                record,
                List.of("code_version", "data", "validation_data", "numerics", "cluster")));
  }

  private static List<Integer> numbers(Epochs epochs) {
    return epochs.shown().stream().map(Epochs::number).toList();
  }

  private static List<Double> values(Epochs epochs, String pointer) {
    return epochs.shown().stream().map(epoch -> epoch.requiredAt(pointer).asDouble()).toList();
  }

  private static String ends(List<Double> values) {
    return "%s at first, %s at last"
        .formatted(Figures.of(values.get(0)), Figures.of(values.get(values.size() - 1)));
  }
}
