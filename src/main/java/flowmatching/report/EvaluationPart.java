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
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * What the page says of an evaluation.
 *
 * @param result {@code evaluation.json}
 * @param modelSha256 digest of the network that the run has trained
 */
record EvaluationPart(
    JsonNode result,
    Optional<Picture> samples,
    Optional<Picture> nearest,
    Optional<String> modelSha256) {

  List<Fact> figures() {
    return List.of(
        new Fact("Fréchet distance", figure("distance")),
        new Fact("of real images", figure("floor")),
        new Fact("of noise", figure("ceiling")));
  }

  List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    samples.ifPresent(
        sheet -> sections.add(new Section("Samples", otherModel()).withPictures(List.of(sheet))));
    sections.add(quality());
    if (!result.required("solvers").isEmpty()) {
      sections.add(solvers());
    }
    nearest.ifPresent(
        sheet ->
            sections.add(
                new Section(
                        "Is it memorising?",
                        "A network that has memorised its images draws them again, at a distance near 0. Here the roots of the mean square of differences (0 to 255) are %s."
                            .formatted(
                                String.join(
                                    ", ",
                                    list(result.required("nearest")).stream()
                                        .map(
                                            image ->
                                                Figures.of(image.required("distance").asDouble()))
                                        .toList())))
                    .withPictures(List.of(sheet))));
    return sections;
  }

  /** An evaluation stays in the folder when the training in it goes on. */
  private String otherModel() {
    String evaluated = result.requiredAt("/provenance/model_sha256").asText();
    return modelSha256.filter(digest -> !evaluated.isEmpty() && !digest.equals(evaluated)).isEmpty()
        ? ""
        : "These samples, and the figures of them, are another network's than the one that the training below has come to.";
  }

  private Section quality() {
    String interval = Figures.interval(result.required("interval"));
    return new Section(
            "How good they are",
            "The squared Fréchet distance of %,d samples to %,d test images, by the features of %s: the less, the more alike are the two sets. Beside it that of as many real training images, and of noise. %s"
                .formatted(
                    result.required("images").asLong(),
                    result.required("test_images").asLong(),
                    result.requiredAt("/extractor/name").asText(),
                    String.join(
                        " ",
                        list(result.required("warnings")).stream()
                            .map(warning -> "Warning: %s.".formatted(warning.asText()))
                            .toList())))
        .with(
            new Fact("distance", figure("distance")),
            new Fact("95 % interval", interval.isEmpty() ? "not told" : interval),
            new Fact("real images (floor)", figure("floor")),
            new Fact("noise (ceiling)", figure("ceiling")),
            new Fact("precision", figure("precision")),
            new Fact("recall", figure("recall")))
        .withPictures(classes());
  }

  private List<Picture> classes() {
    List<String> names =
        list(result.requiredAt("/extractor/classes")).stream().map(JsonNode::asText).toList();
    if (names.isEmpty()) {
      return List.of();
    }
    List<Double> ofSamples = percent("class_shares");
    Map<String, List<Double>> shares = new LinkedHashMap<>();
    shares.put("samples", ofSamples);
    shares.put("test images", percent("real_class_shares"));
    return Charts.bars(
        new Charts.Values<>(
            "Share of each class, in percent",
            "Percent of the samples: "
                + String.join(
                    ", ",
                    IntStream.range(0, names.size())
                        .mapToObj(i -> names.get(i) + " " + Figures.of(ofSamples.get(i)))
                        .toList())
                + ".",
            "class",
            names,
            shares));
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
    return new Section(
            "Solvers",
            "The same network's images by other solvers, with as many evaluations of it.")
        .withPictures(
            Charts.logarithmic(
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

  Section provenance() {
    JsonNode provenance = result.required("provenance");
    return new Section("The evaluation's settings and origin", "")
        .withTables(
            Tables.settings(provenance.required("settings"), provenance.required("origins")),
            Tables.values(
                "What made it",
                provenance,
                List.of("code_version", "model_sha256", "numerics", "spark_version", "master")),
            Tables.values("What it is by", result, List.of("samples", "extractor")));
  }

  private String figure(String name) {
    return Figures.of(result.required(name).asDouble());
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
