package flowmatching.means.preflight;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;

/** Combines all failures of a check in one message. */
final class Failures {
  private Failures() {}

  /**
   * Ends the check if there are failures.
   *
   * @throws EnvironmentFailure with all of them
   */
  static void of(List<String> sentences) {
    if (sentences.size() == 1) {
      throw new EnvironmentFailure(sentences.get(0));
    }
    if (!sentences.isEmpty()) {
      throw new EnvironmentFailure(
          "The cluster cannot do this run for %d reasons:\n  %s"
              .formatted(sentences.size(), String.join("\n  ", sentences)));
    }
  }
}
