package flowmatching.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.report.Page.Fact;
import flowmatching.report.Page.Picture;
import flowmatching.report.Page.Row;
import flowmatching.report.Page.Section;
import flowmatching.report.Page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the page says of a training.
 *
 * @param record {@code run.json}
 * @param epochs lines of {@code metrics.jsonl}
 * @param previews of epochs
 */
record TrainingPart(
    JsonNode record, List<JsonNode> epochs, List<Picture> previews, Optional<Picture> trajectory) {
  /** More would be no finer curve. */
  private static final int MOST_PLACES = 200;

  private static final List<String> STAGES = List.of("training", "validation", "preview");
  private static final List<String> SHARES =
      List.of("compute", "data", "exchange", "waiting", "resynchronisation");

  List<Fact> figures() {
    return last().stream()
        .flatMap(
            epoch ->
                Stream.of(
                    new Fact(
                        "validation loss",
                        Figures.of(epoch.required("validation_loss").asDouble())),
                    new Fact("epochs", epoch.required("epoch").asText()),
                    new Fact("time", Figures.duration(seconds())),
                    new Fact(
                        "images/s of training",
                        Figures.of(epoch.required("images_per_s").asDouble()))))
        .toList();
  }

  List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    if (!epochs.isEmpty()) {
      sections.add(learning());
    }
    if (!previews.isEmpty()) {
      sections.add(
          new Section(
                  "Previews", "What the network drew from the same noise after each of its epochs.")
              .withPictures(previews));
    }
    trajectory.ifPresent(
        picture ->
            sections.add(
                new Section(
                        "From noise to images",
                        "The way of a few samples, as the network was at the end.")
                    .withPictures(List.of(picture))));
    if (!epochs.isEmpty()) {
      sections.add(speed());
    }
    return sections;
  }

  private Section learning() {
    List<JsonNode> shown = EvenlySpaced.of(epochs, MOST_PLACES);
    Map<String, List<Double>> losses = new LinkedHashMap<>();
    losses.put("training", values(shown, "/loss"));
    losses.put("validation", values(shown, "/validation_loss"));
    return new Section(
            "Learning",
            "The mean squared error of the velocity: over the images of an epoch, as the network was at each step, and over %,d test images with the same noise each time, as it was after the epoch."
                .formatted(record.at("/validation_data/images").asLong()))
        .withPictures(
            Charts.lines(
                new Charts.Values<>(
                    "Mean squared error",
                    "Mean squared error by epoch: training %s, validation %s."
                        .formatted(ends(losses.get("training")), ends(losses.get("validation"))),
                    "epoch",
                    numbers(shown),
                    losses)))
        .withTables(
            new Table(
                "Each epoch",
                List.of("epoch", "training", "validation", "images/s", "time"),
                shown.stream()
                    .map(
                        epoch ->
                            new Row(
                                List.of(
                                    epoch.required("epoch").asText(),
                                    Figures.of(epoch.required("loss").asDouble()),
                                    Figures.of(epoch.required("validation_loss").asDouble()),
                                    Figures.of(epoch.required("images_per_s").asDouble()),
                                    Figures.duration(seconds(epoch)))))
                    .toList()));
  }

  private Section speed() {
    List<JsonNode> shown = EvenlySpaced.of(epochs, MOST_PLACES);
    List<Double> speeds = values(shown, "/images_per_s");
    JsonNode last = last().orElseThrow();
    List<Picture> charts = new ArrayList<>();
    charts.addAll(
        Charts.stackedBars(
            new Charts.Values<>(
                "Images trained on in a second",
                "Images a second by epoch: %s.".formatted(ends(speeds)),
                "epoch",
                numbers(shown),
                Map.of("images/s", speeds))));
    charts.addAll(
        Charts.stackedBars(
            new Charts.Values<>(
                "Seconds of an epoch",
                "Seconds by epoch and stage; the table below has the last epoch's.",
                "epoch",
                numbers(shown),
                series(shown, "/seconds/", STAGES))));
    return new Section(
            "Where the time went",
            "%s replicas of %s threads."
                .formatted(
                    last.required("replicas").asText(), record.at("/cluster/threads").asText()))
        .withPictures(charts)
        .withTables(
            new Table(
                "The last epoch",
                List.of("what", "value"),
                Stream.concat(
                        STAGES.stream()
                            .map(
                                stage ->
                                    new Row(
                                        List.of(
                                            stage,
                                            Figures.of(last.at("/seconds/" + stage).asDouble())
                                                + " s"))),
                        SHARES.stream()
                            .map(
                                share ->
                                    new Row(
                                        List.of(
                                            "replicas: " + share,
                                            Figures.percent(
                                                last.at("/share/" + share).asDouble())))))
                    .toList()));
  }

  Section provenance() {
    return new Section("The training's settings and origin", "")
        .withTables(
            Tables.settings(record.required("settings"), record.required("origins")),
            Tables.values(
                "What made it",
                record,
                List.of("code_version", "data", "validation_data", "numerics", "cluster")));
  }

  private Optional<JsonNode> last() {
    return epochs.isEmpty() ? Optional.empty() : Optional.of(epochs.get(epochs.size() - 1));
  }

  private double seconds() {
    return epochs.stream().mapToDouble(TrainingPart::seconds).sum();
  }

  private static double seconds(JsonNode epoch) {
    return STAGES.stream().mapToDouble(stage -> epoch.at("/seconds/" + stage).asDouble()).sum();
  }

  private static List<Integer> numbers(List<JsonNode> epochs) {
    return epochs.stream().map(epoch -> epoch.required("epoch").asInt()).toList();
  }

  private static List<Double> values(List<JsonNode> epochs, String pointer) {
    return epochs.stream().map(epoch -> epoch.requiredAt(pointer).asDouble()).toList();
  }

  private static Map<String, List<Double>> series(
      List<JsonNode> epochs, String parent, List<String> names) {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    names.forEach(name -> series.put(name, values(epochs, parent + name)));
    return series;
  }

  private static String ends(List<Double> values) {
    return "%s at first, %s at last"
        .formatted(Figures.of(values.get(0)), Figures.of(values.get(values.size() - 1)));
  }
}
