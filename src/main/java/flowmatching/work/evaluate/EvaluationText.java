package flowmatching.work.evaluate;

import flowmatching.base.settings.EvaluateSettings;
import flowmatching.means.run.EvaluationResult;
import flowmatching.means.run.ExtractorFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The sentences of an evaluation: its figures in the log, and its warnings. */
final class EvaluationText {
  private EvaluationText() {}

  static String of(EvaluationResult result) {
    return "Fréchet distance of %s images to %s test images: %s%s, of real images %s, of noise %s; precision %s, recall %s"
        .formatted(
            result.images(),
            result.testImages(),
            figure(result.distance()),
            interval(result.interval()),
            figure(result.floor()),
            figure(result.ceiling()),
            figure(result.precision()),
            figure(result.recall()));
  }

  static String of(EvaluationResult.SolverDistance row) {
    return "%s: %s evaluations per image, distance %s%s"
        .formatted(
            row.solver(),
            figure(row.evaluations()),
            figure(row.distance()),
            interval(row.interval()));
  }

  private static String interval(List<Double> interval) {
    return interval.isEmpty()
        ? ""
        : " (95 %%: %s to %s)".formatted(figure(interval.get(0)), figure(interval.get(1)));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /**
   * Reasons why the figures mean less than they seem to.
   *
   * @param images samples
   */
  static List<String> warnings(
      ExtractorFacts extractor,
      EvaluateSettings settings,
      RealImages train,
      RealImages test,
      long images,
      long testImages) {
    List<String> warnings = new ArrayList<>();
    Stream.of(train, test)
        .map(RealImages::name)
        .filter(name -> !extractor.isMadeFor(name))
        .findFirst()
        .ifPresent(
            name ->
                warnings.add(
                    "%s is made for %s, and the images in %s are others: its distances and classes mean little for them; use an evaluate.extractor that is made for them"
                        .formatted(extractor.name(), extractor.dataSet(), name)));
    long fewer = Math.min(images, testImages);
    if (fewer <= extractor.features()) {
      warnings.add(
          "%s images have a singular covariance of %s features: the distance is defined, but most of it comes from the small number of images"
              .formatted(fewer, extractor.features()));
    }
    if (settings.bootstrap() > 0 && !DistanceInterval.hasEnough(images)) {
      warnings.add(images + " images are too few for an interval");
    }
    if (train.count() < images) {
      warnings.add(
          "the floor is of only %s images because there are no more training images"
              .formatted(train.count()));
    }
    return warnings;
  }
}
