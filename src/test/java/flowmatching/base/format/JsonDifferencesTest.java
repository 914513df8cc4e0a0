package flowmatching.base.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonDifferencesTest {
  @Test
  void equalObjectsInAnotherOrderDoNotDiffer() {
    assertThat(between("{'a': 1, 'b': {'c': [1, 2]}}", "{'b': {'c': [1, 2]}, 'a': 1}")).isEmpty();
  }

  @Test
  void aDifferenceNamesTheInnermostValueWithItsPathAndBothSides() {
    assertThat(
            between(
                "{'z': 1, 'grid': {'columns': 4, 'rows': 2}, 'formats': ['png']}",
                "{'z': 2, 'grid': {'columns': 5, 'rows': 2}, 'formats': ['png', 'parquet']}"))
        .containsExactly(
            "formats is [\"png\"] there and [\"png\",\"parquet\"] now",
            "grid.columns is 4 there and 5 now",
            "z is 1 there and 2 now");
  }

  @Test
  void aMissingKeyIsADifference() {
    assertThat(between("{'old': true, 'null': null}", "{'new': {'deep': 1}}"))
        .containsExactly(
            "new is nothing there and {\"deep\":1} now",
            "null is null there and nothing now",
            "old is true there and nothing now");
  }

  private static List<String> between(String there, String here) {
    return JsonDifferences.between(json(there), json(here));
  }

  private static JsonNode json(String text) {
    return Json.parse(
        text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), JsonNode.class, "test");
  }
}
