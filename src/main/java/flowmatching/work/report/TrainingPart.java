package flowmatching.work.report;

import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.EvenlySpaced;
import flowmatching.means.run.RunRecord;
import flowmatching.work.report.Charts.Kind;
import flowmatching.work.report.Charts.Series;
import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Picture;
import flowmatching.work.report.Page.Section;
import flowmatching.work.report.Page.Table;
import flowmatching.work.report.Tables.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

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
          new Section(
              "Previews", "Images drawn from the same noise after different epochs.", previews));
    }
    trajectory.ifPresent(
        picture ->
            sections.add(
                new Section(
                    "From noise to images",
                    "The trajectories of a few samples, by the network of the last epoch.",
                    List.of(picture))));
    sections.add(speed(epochs));
    return sections;
  }

  private Section learning(Epochs epochs) {
    List<Double> training = epochs.values(EpochMetrics::loss);
    List<Double> validation = epochs.values(EpochMetrics::validationLoss);
    return new Section(
        "Learning",
        "The mean squared error of the velocity. Training: over the images of an epoch, each with the weights of its step. Validation: over %s test images with the same noise each time, with the weights after the epoch."
            .formatted(Figures.count(record.validationData().images())),
        charts.byPlace(
            Kind.LINES,
            "Mean squared error",
            "Mean squared error by epoch: training %s, validation %s."
                .formatted(ends(training), ends(validation)),
            "epoch",
            epochs.numbers(),
            new Series("training", training),
            new Series("validation", validation)),
        new Table(
            "Epochs",
            List.of("epoch", "training", "validation", "images/s", "time"),
            epochs.shown().stream().map(TrainingPart::row).toList()));
  }

  private static List<String> row(EpochMetrics epoch) {
    return List.of(
        Figures.count(epoch.epoch()),
        Figures.of(epoch.loss()),
        Figures.of(epoch.validationLoss()),
        Figures.of(epoch.imagesPerS()),
        Figures.duration(epoch.seconds().sum()));
  }

  private Section speed(Epochs epochs) {
    List<Double> speeds = epochs.values(EpochMetrics::imagesPerS);
    Stream<List<Picture>> pictures =
        Stream.of(
            charts.byPlace(
                Kind.STACKED_BARS,
                "Training speed in images/s",
                "Images/s by epoch: %s.".formatted(ends(speeds)),
                "epoch",
                epochs.numbers(),
                new Series("images/s", speeds)),
            charts.byPlace(
                Kind.STACKED_BARS,
                "Seconds per epoch",
                "Seconds by epoch and stage; the table below has those of the last epoch.",
                "epoch",
                epochs.numbers(),
                new Series("training", epochs.values(epoch -> epoch.seconds().training())),
                new Series("validation", epochs.values(epoch -> epoch.seconds().validation())),
                new Series("preview", epochs.values(epoch -> epoch.seconds().preview()))));
    EpochMetrics last = epochs.last();
    return new Section(
        "Where the time went",
        "Replicas: %s; threads per replica: %s."
            .formatted(last.replicas(), record.cluster().threads()),
        pictures.flatMap(List::stream).toList(),
        Tables.values(
            "The last epoch",
            stage("training", last.seconds().training()),
            stage("validation", last.seconds().validation()),
            stage("preview", last.seconds().preview()),
            share("compute", last.share().compute()),
            share("data", last.share().data()),
            share("exchange", last.share().exchange()),
            share("waiting", last.share().waiting()),
            share("resynchronisation", last.share().resynchronisation())));
  }

  private static Value stage(String name, double seconds) {
    return new Value(name, Figures.of(seconds) + " s");
  }

  private static Value share(String name, double share) {
    return new Value("replicas: " + name, Figures.percent(share));
  }

  private Section provenance() {
    return new Section(
        "The training's settings and origin",
        "",
        List.of(),
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
