package flowmatching.work.evaluate;

import flowmatching.means.run.EvaluationResult;
import java.util.List;
import java.util.Locale;

/** The figures of an evaluation in the log. */
final class EvaluationText {
  private EvaluationText() {}

  static String of(EvaluationResult result) {
    return String.format(
        Locale.ROOT,
        "Fréchet distance of %d images to %d test images: %.3f%s, of real images %.3f, of noise %.3f; precision %.3f, recall %.3f",
        result.images(),
        result.testImages(),
        result.distance(),
        interval(result.interval()),
        result.floor(),
        result.ceiling(),
        result.precision(),
        result.recall());
  }

  static String of(EvaluationResult.SolverDistance row) {
    return String.format(
        Locale.ROOT,
        "%s: %.3f evaluations per image, distance %.3f%s",
        row.solver(),
        row.evaluations(),
        row.distance(),
        interval(row.interval()));
  }

  private static String interval(List<Double> ends) {
    return ends.isEmpty()
        ? ""
        : String.format(Locale.ROOT, " (95 %%: %.3f to %.3f)", ends.get(0), ends.get(1));
  }
}
