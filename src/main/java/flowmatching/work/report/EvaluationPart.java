package flowmatching.work.report;

import flowmatching.base.failure.DataFailure;
import flowmatching.means.run.EvaluationResult;
import flowmatching.means.run.EvaluationResult.SolverDistance;
import flowmatching.means.run.RunFiles;
import flowmatching.work.report.Charts.Kind;
import flowmatching.work.report.Charts.Point;
import flowmatching.work.report.Charts.Series;
import flowmatching.work.report.Page.Fact;
import flowmatching.work.report.Page.Picture;
import flowmatching.work.report.Page.Section;
import flowmatching.work.report.Page.Table;
import flowmatching.work.report.Tables.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The page's part about an evaluation.
 *
 * @param lastModel digest of the last network of the training in the same folder
 */
record EvaluationPart(
    Charts charts,
    EvaluationResult result,
    Optional<Picture> samples,
    Optional<Picture> nearest,
    Optional<String> lastModel) {

  Part part() {
    return new Part(
        List.of(new Fact("Fréchet distance", Figures.of(result.distance()))),
        sections(),
        provenance());
  }

  private List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    samples.ifPresent(sheet -> sections.add(new Section("Samples", "", List.of(sheet))));
    sections.add(quality());
    if (!result.solvers().isEmpty()) {
      sections.add(solvers());
    }
    nearest.ifPresent(sheet -> sections.add(memory(sheet)));
    return sections;
  }

  private Section memory(Picture sheet) {
    return new Section(
        "Is it memorising?",
        "A network that has memorised its training images draws them again, at a distance near 0. The distance is the root of the mean square of the differences (0 to 255): %s."
            .formatted(
                result.nearest().stream()
                    .map(image -> Figures.of(image.distance()))
                    .collect(Collectors.joining(", "))),
        List.of(sheet));
  }

  private Section quality() {
    String interval = Figures.interval(result.interval());
    List<String> classes = result.extractor().classes();
    List<Double> samplePercent = percent(result.classShares());
    List<Double> testPercent = percent(result.realClassShares());
    return new Section(
        "How good they are",
        summary(),
        List.of(
            new Fact("distance", Figures.of(result.distance())),
            new Fact("95 % interval", interval.isEmpty() ? "unknown" : interval),
            new Fact("real images (floor)", Figures.of(result.floor())),
            new Fact("noise (ceiling)", Figures.of(result.ceiling())),
            new Fact("precision", Figures.of(result.precision())),
            new Fact("recall", Figures.of(result.recall()))),
        classes.isEmpty()
            ? List.of()
            : charts.byPlace(
                Kind.BARS,
                "Share of each class, in percent",
                "Shares of classes among samples and test images; the table has them.",
                "",
                classes,
                new Series("samples", samplePercent),
                new Series("test images", testPercent)),
        List.of(
            new Table(
                "Classes, in percent",
                List.of("class", "samples", "test images"),
                IntStream.range(0, classes.size())
                    .mapToObj(
                        i ->
                            List.of(
                                classes.get(i),
                                Figures.of(samplePercent.get(i)),
                                Figures.of(testPercent.get(i))))
                    .toList())));
  }

  private String summary() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "The squared Fréchet distance of %s samples to %s test images, by the features of %s: the smaller, the more alike the two sets are. For comparison, the distances of as many real training images and of as many images of noise."
            .formatted(
                Figures.count(result.images()),
                Figures.count(result.testImages()),
                result.extractor().name()));
    // An evaluation stays in the folder when the training there continues.
    String evaluated = result.provenance().modelSha256();
    if (!evaluated.isEmpty() && lastModel.isPresent() && !lastModel.get().equals(evaluated)) {
      sentences.add(
          "These samples are of another network than the last one of the training in this folder.");
    }
    result.warnings().forEach(warning -> sentences.add("Warning: %s.".formatted(warning)));
    return String.join(" ", sentences);
  }

  private List<Double> percent(List<Double> shares) {
    if (shares.size() != result.extractor().classes().size()) {
      throw new DataFailure(
          "%s has %d shares of %d classes."
              .formatted(RunFiles.EVALUATION, shares.size(), result.extractor().classes().size()));
    }
    return shares.stream().map(share -> 100 * share).toList();
  }

  private Section solvers() {
    Map<String, List<Point>> byKind = new LinkedHashMap<>();
    for (SolverDistance row : result.solvers()) {
      byKind
          .computeIfAbsent(row.solver().replaceFirst(":.*", ""), kind -> new ArrayList<>())
          .add(new Point(row.evaluations(), row.distance()));
    }
    byKind.values().forEach(points -> points.sort(Comparator.comparingDouble(Point::x)));
    return new Section(
        "Solvers",
        "Distances of the same network's images by different solvers, and the evaluations of the network that each needs per image.",
        charts.logarithmic(
            "Distance by evaluations of the network",
            "Distance by evaluations of the network per image; the table has the values.",
            "evaluations",
            byKind),
        new Table(
            "Each solver",
            List.of("solver", "evaluations", "distance", "95 % interval"),
            result.solvers().stream()
                .map(
                    row ->
                        List.of(
                            row.solver(),
                            Figures.of(row.evaluations()),
                            Figures.of(row.distance()),
                            Figures.interval(row.interval())))
                .toList()));
  }

  private Section provenance() {
    EvaluationResult.Provenance provenance = result.provenance();
    return new Section(
        "The evaluation's settings and origin",
        "",
        List.of(),
        Tables.settings(provenance.settings(), provenance.origins()),
        Tables.values(
            "Software and network",
            new Value("code version", provenance.codeVersion()),
            new Value("model sha256", provenance.modelSha256()),
            new Value("numerics", provenance.numerics()),
            new Value("spark version", provenance.sparkVersion()),
            new Value("master", provenance.master())),
        Tables.values(
            "Images and extractor",
            new Value("samples", result.samples()),
            new Value("data", result.data()),
            new Value("extractor", result.extractor())));
  }
}
