package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Function;

/**
 * The epochs of a training.
 *
 * @param seconds of all
 * @param shown some of them, evenly spaced: more would be no finer curve
 */
record Epochs(double seconds, List<JsonNode> shown) {
  static final List<String> STAGES = List.of("training", "validation", "preview");

  private static final int MOST_SHOWN = 200;

  /**
   * Reads them one by one, since there may be many.
   *
   * @param lines of {@code metrics.jsonl}, one or more
   */
  static Epochs of(List<String> lines, Function<String, JsonNode> parse) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("it has no line");
    }
    return new Epochs(
        lines.stream().map(parse).mapToDouble(Epochs::seconds).sum(),
        EvenlySpaced.of(lines, MOST_SHOWN).stream().map(parse).toList());
  }

  JsonNode last() {
    return shown.get(shown.size() - 1);
  }

  static int number(JsonNode epoch) {
    return epoch.required("epoch").asInt();
  }

  static double seconds(JsonNode epoch) {
    return STAGES.stream()
        .mapToDouble(stage -> epoch.requiredAt("/seconds/" + stage).asDouble())
        .sum();
  }
}
