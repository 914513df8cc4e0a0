package flowmatching.work.report;

import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.EvenlySpaced;
import flowmatching.means.run.RunRecord;
import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Picture;
import flowmatching.work.report.Page.Row;
import flowmatching.work.report.Page.Section;
import flowmatching.work.report.Page.Table;
import flowmatching.work.report.Tables.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The page's part about a training.
 *
 * @param epochs that are done; empty if there are none, or they cannot be read
 * @param preview of an epoch
 */
record TrainingPart(
    Charts charts,
    RunRecord record,
    Optional<Epochs> epochs,
    IntFunction<Optional<Picture>> preview,
    Optional<Picture> trajectory) {
  private static final int MOST_PREVIEWS = 12;

  Part part() {
    return new Part(
        epochs.map(TrainingPart::figures).orElse(List.of()),
        epochs.map(this::sections).orElse(List.of()),
        provenance());
  }

  private static List<Fact> figures(Epochs epochs) {
    EpochMetrics last = epochs.last();
    return List.of(
        new Fact("validation loss", Figures.of(last.validationLoss())),
        new Fact("epochs", Figures.count(last.epoch())),
        new Fact("time of its epochs", Figures.duration(epochs.seconds())),
        new Fact("images/s of training", Figures.of(last.imagesPerS())));
  }

  private List<Section> sections(Epochs epochs) {
    List<Section> sections = new ArrayList<>(List.of(learning(epochs)));
    List<Picture> previews =
        EvenlySpaced.of(epochs.numbers(), MOST_PREVIEWS).stream()
            .map(preview::apply)
            .flatMap(Optional::stream)
            .toList();
    if (!previews.isEmpty()) {
      sections.add(
          new Section("Previews", "Images drawn from the same noise after different epochs.")
              .withPictures(previews));
    }
    trajectory.ifPresent(
        picture ->
            sections.add(
                new Section(
                        "From noise to images",
                        "The trajectories of a few samples, by the network of the last epoch.")
                    .withPictures(List.of(picture))));
    sections.add(speed(epochs));
    return sections;
  }

  private Section learning(Epochs epochs) {
    Map<String, List<Double>> losses = new LinkedHashMap<>();
    losses.put("training", epochs.values(EpochMetrics::loss));
    losses.put("validation", epochs.values(EpochMetrics::validationLoss));
    return new Section(
            "Learning",
            "The mean squared error of the velocity. Training: over the images of an epoch, each with the weights of its step. Validation: over %s test images with the same noise each time, with the weights after the epoch."
                .formatted(Figures.count(record.validationData().images())))
        .withPictures(
            charts.lines(
                new Charts.Values(
                    "Mean squared error",
                    "Mean squared error by epoch: training %s, validation %s."
                        .formatted(ends(losses.get("training")), ends(losses.get("validation"))),
                    "epoch",
                    epochs.numbers(),
                    losses)))
        .withTables(
            new Table(
                "Epochs",
                List.of("epoch", "training", "validation", "images/s", "time"),
                epochs.shown().stream().map(TrainingPart::row).toList()));
  }

  private static Row row(EpochMetrics epoch) {
    return new Row(
        List.of(
            Figures.count(epoch.epoch()),
            Figures.of(epoch.loss()),
            Figures.of(epoch.validationLoss()),
            Figures.of(epoch.imagesPerS()),
            Figures.duration(epoch.seconds().sum())));
  }

  private Section speed(Epochs epochs) {
    List<Double> speeds = epochs.values(EpochMetrics::imagesPerS);
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    seconds.put("training", epochs.values(epoch -> epoch.seconds().training()));
    seconds.put("validation", epochs.values(epoch -> epoch.seconds().validation()));
    seconds.put("preview", epochs.values(epoch -> epoch.seconds().preview()));
    List<Picture> pictures = new ArrayList<>();
    pictures.addAll(
        charts.stackedBars(
            new Charts.Values(
                "Training speed in images/s",
                "Images/s by epoch: %s.".formatted(ends(speeds)),
                "epoch",
                epochs.numbers(),
                Map.of("images/s", speeds))));
    pictures.addAll(
        charts.stackedBars(
            new Charts.Values(
                "Seconds per epoch",
                "Seconds by epoch and stage; the table below has those of the last epoch.",
                "epoch",
                epochs.numbers(),
                seconds)));
    EpochMetrics last = epochs.last();
    return new Section(
            "Where the time went",
            "Replicas: %s; threads per replica: %s."
                .formatted(last.replicas(), record.cluster().threads()))
        .withPictures(pictures)
        .withTables(
            new Table(
                "The last epoch",
                List.of("what", "value"),
                List.of(
                    stage("training", last.seconds().training()),
                    stage("validation", last.seconds().validation()),
                    stage("preview", last.seconds().preview()),
                    share("compute", last.share().compute()),
                    share("data", last.share().data()),
                    share("exchange", last.share().exchange()),
                    share("waiting", last.share().waiting()),
                    share("resynchronisation", last.share().resynchronisation()))));
  }

  private static Row stage(String name, double seconds) {
    return new Row(List.of(name, Figures.of(seconds) + " s"));
  }

  private static Row share(String name, double share) {
    return new Row(List.of("replicas: " + name, Figures.percent(share)));
  }

  private Section provenance() {
    return new Section("The training's settings and origin", "")
        .withTables(
            Tables.settings(record.settings(), record.origins()),
            Tables.values(
                "Software, data and cluster",
                new Value("code version", record.codeVersion()),
                new Value("data", record.data()),
                new Value("validation data", record.validationData()),
                new Value("numerics", record.numerics()),
                new Value("cluster", record.cluster())));
  }

  private static String ends(List<Double> values) {
    return "%s at first, %s at last"
        .formatted(Figures.of(values.get(0)), Figures.of(values.get(values.size() - 1)));
  }
}
