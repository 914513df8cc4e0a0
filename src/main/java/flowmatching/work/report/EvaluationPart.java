package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Picture;
import flowmatching.work.report.Page.Row;
import flowmatching.work.report.Page.Section;
import flowmatching.work.report.Page.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What the page says of an evaluation.
 *
 * @param result {@code evaluation.json}
 * @param lastModel digest of the network that the training in the same folder has come to
 */
record EvaluationPart(
    Charts charts,
    JsonNode result,
    Optional<Picture> samples,
    Optional<Picture> nearest,
    Optional<String> lastModel) {

  Part part() {
    return new Part(
        List.of(new Fact("Fréchet distance", figure("distance"))), sections(), provenance());
  }

  private List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    samples.ifPresent(
        sheet -> sections.add(new Section("Samples", "").withPictures(List.of(sheet))));
    sections.add(quality());
    if (!result.required("solvers").isEmpty()) {
      sections.add(solvers());
    }
    nearest.ifPresent(sheet -> sections.add(memory(sheet)));
    return sections;
  }

  private Section memory(Picture sheet) {
    List<String> distances =
        list(result.required("nearest")).stream()
            .map(image -> Figures.of(image.required("distance").asDouble()))
            .toList();
    return new Section(
            "Is it memorising?",
            "A network that has memorised its images draws them again, at a distance near 0. Here the roots of the mean square of differences (0 to 255) are %s."
                .formatted(String.join(", ", distances)))
        .withPictures(List.of(sheet));
  }

  private Section quality() {
    String interval = Figures.interval(result.required("interval"));
    List<String> classes = classes();
    Map<String, List<Double>> shares = shares(classes.size());
    return new Section(
            "How good they are",
            Stream.concat(
                    Stream.of(
                        "The squared Fréchet distance of %s samples to %s test images, by the features of %s: the less, the more alike are the two sets. Beside it that of as many real training images, and of noise."
                            .formatted(
                                Figures.count(result.required("images").asLong()),
                                Figures.count(result.required("test_images").asLong()),
                                result.requiredAt("/extractor/name").asText())),
                    Stream.concat(
                        otherNetwork(),
                        list(result.required("warnings")).stream()
                            .map(warning -> "Warning: %s.".formatted(warning.asText()))))
                .collect(Collectors.joining(" ")))
        .withFacts(
            new Fact("distance", figure("distance")),
            new Fact("95 % interval", interval.isEmpty() ? "not told" : interval),
            new Fact("real images (floor)", figure("floor")),
            new Fact("noise (ceiling)", figure("ceiling")),
            new Fact("precision", figure("precision")),
            new Fact("recall", figure("recall")))
        .withPictures(
            classes.isEmpty()
                ? List.of()
                : charts.bars(
                    new Charts.Values(
                        "Share of each class, in percent",
                        "Shares of classes among samples and test images; the table has them.",
                        "",
                        classes,
                        shares)))
        .withTables(
            new Table(
                "Classes, in percent",
                List.of("class", "samples", "test images"),
                IntStream.range(0, classes.size())
                    .mapToObj(
                        i ->
                            new Row(
                                Stream.concat(
                                        Stream.of(classes.get(i)),
                                        shares.values().stream().map(all -> Figures.of(all.get(i))))
                                    .toList()))
                    .toList()));
  }

  /** An evaluation stays in the folder when the training in it goes on. */
  private Stream<String> otherNetwork() {
    String evaluated = result.requiredAt("/provenance/model_sha256").asText();
    return lastModel.filter(last -> !evaluated.isEmpty() && !last.equals(evaluated)).stream()
        .map(
            last ->
                "These are samples of another network than the one that the training in this folder has come to.");
  }

  private List<String> classes() {
    return list(result.requiredAt("/extractor/classes")).stream().map(JsonNode::asText).toList();
  }

  private Map<String, List<Double>> shares(int classes) {
    Map<String, List<Double>> shares = new LinkedHashMap<>();
    shares.put("samples", percent("class_shares"));
    shares.put("test images", percent("real_class_shares"));
    if (shares.values().stream().anyMatch(all -> all.size() != classes)) {
      throw new IllegalArgumentException("there are not as many shares as classes");
    }
    return shares;
  }

  private List<Double> percent(String shares) {
    return list(result.required(shares)).stream().map(share -> 100 * share.asDouble()).toList();
  }

  private Section solvers() {
    List<JsonNode> rows = list(result.required("solvers"));
    Map<String, List<Charts.Point>> byKind = new LinkedHashMap<>();
    for (JsonNode row : rows) {
      String kind = row.required("solver").asText().replaceFirst(":.*", "");
      byKind
          .computeIfAbsent(kind, name -> new ArrayList<>())
          .add(
              new Charts.Point(
                  row.required("evaluations").asDouble(), row.required("distance").asDouble()));
    }
    byKind.values().forEach(points -> points.sort(Comparator.comparingDouble(Charts.Point::x)));
    return new Section(
            "Solvers",
            "Distances of the same network's images by several solvers, and how often each evaluates the network for an image.")
        .withPictures(
            charts.logarithmic(
                "Distance by evaluations of the network",
                "Distance by evaluations of the network for an image; the table has the values.",
                "evaluations",
                byKind))
        .withTables(
            new Table(
                "Each solver",
                List.of("solver", "evaluations", "distance", "95 % interval"),
                rows.stream()
                    .map(
                        row ->
                            new Row(
                                List.of(
                                    row.required("solver").asText(),
                                    Figures.of(row.required("evaluations").asDouble()),
                                    Figures.of(row.required("distance").asDouble()),
                                    Figures.interval(row.required("interval")))))
                    .toList()));
  }

  private Section provenance() {
    JsonNode provenance = result.required("provenance");
    return new Section("The evaluation's settings and origin", "")
        .withTables(
            Tables.settings(provenance.required("settings"), provenance.required("origins")),
            Tables.values(
                "What made it",
                provenance,
                List.of("code_version", "model_sha256", "numerics", "spark_version", "master")),
            Tables.values(
                "What it is by",
                result,
                // Older evaluations do not name the data.
                Stream.of("samples", "data", "extractor").filter(result::has).toList()));
  }

  private String figure(String name) {
    return Figures.of(result.required(name).asDouble());
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
