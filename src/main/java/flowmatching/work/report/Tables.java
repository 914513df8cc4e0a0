package flowmatching.work.report;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.work.report.Page.Row;
import flowmatching.work.report.Page.Table;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Tables of what JSON has. */
final class Tables {
  private Tables() {}

  /**
   * Each setting with its value and where it comes from.
   *
   * @param settings sections of keys
   * @param origins by the paths of keys
   */
  static Table settings(JsonNode settings, JsonNode origins) {
    return new Table(
        "Settings",
        List.of("key", "value", "from"),
        origins.properties().stream()
            .map(
                origin ->
                    new Row(
                        List.of(
                            origin.getKey(),
                            text(settings.at("/" + origin.getKey().replace('.', '/'))),
                            origin.getValue().asText())))
            .toList());
  }

  /** Values of these names, and of all that is in them. */
  static Table values(String caption, JsonNode object, List<String> names) {
    return new Table(
        caption,
        List.of("what", "value"),
        names.stream().flatMap(name -> rows(name, object.required(name))).toList());
  }

  private static Stream<Row> rows(String name, JsonNode value) {
    return value.isObject()
        ? value.properties().stream()
            .flatMap(inner -> rows(name + "." + inner.getKey(), inner.getValue()))
        : Stream.of(new Row(List.of(name.replace('_', ' '), text(value))));
  }

  private static String text(JsonNode value) {
    return value.isArray()
        ? StreamSupport.stream(value.spliterator(), false)
            .map(Tables::text)
            .reduce((a, b) -> a + ", " + b)
            .orElse("none")
        : value.asText();
  }
}
