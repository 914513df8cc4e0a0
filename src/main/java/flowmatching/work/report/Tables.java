package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.format.Json;
import flowmatching.work.report.Page.Table;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Tables of settings and records. */
final class Tables {
  private Tables() {}

  /**
   * Each setting with its value and origin.
   *
   * @param settings sections of keys
   * @param origins by the paths of keys
   */
  static Table settings(JsonNode settings, Map<String, String> origins) {
    return new Table(
        "Settings",
        List.of("key", "value", "from"),
        origins.entrySet().stream()
            .map(
                origin ->
                    List.of(
                        origin.getKey(),
                        text(settings.at("/" + origin.getKey().replace('.', '/'))),
                        origin.getValue()))
            .toList());
  }

  /** A named value: a text, or a record with a row per component. */
  record Value(String name, Object value) {}

  static Table values(String caption, Value... values) {
    return new Table(
        caption,
        List.of("what", "value"),
        Stream.of(values)
            .flatMap(value -> rows(value.name(), Json.tree(Json.line(value.value()))))
            .toList());
  }

  private static Stream<List<String>> rows(String name, JsonNode value) {
    return value.isObject()
        ? value.properties().stream()
            .flatMap(inner -> rows(name + "." + inner.getKey().replace('_', ' '), inner.getValue()))
        : Stream.of(List.of(name, text(value)));
  }

  private static String text(JsonNode value) {
    if (!value.isArray()) {
      return value.asText();
    }
    return value.isEmpty()
        ? "none"
        : StreamSupport.stream(value.spliterator(), false)
            .map(Tables::text)
            .collect(Collectors.joining(", "));
  }
}
