package flowmatching.base.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  record Part(long firstId, double loss) {}

  record Manifest(String solver, List<Part> parts, Map<String, String> versions, int count) {}

  private static final Manifest MANIFEST =
      new Manifest("euler", List.of(new Part(0, 0.25)), Map.of("spark", "3.5", "java", "17"), 160);

  @Test
  void keysAreSortedAndSnakeCaseAndLinesEndTheSameEverywhere() {
    assertThat(Json.file(MANIFEST))
        .asString(UTF_8)
        .isEqualTo(
            """
            {
              "count" : 160,
              "parts" : [
                {
                  "first_id" : 0,
                  "loss" : 0.25
                }
              ],
              "solver" : "euler",
              "versions" : {
                "java" : "17",
                "spark" : "3.5"
              }
            }
            """);
  }

  @Test
  void aLineHasNoLineBreak() {
    assertThat(Json.line(new Part(7, 1e-9))).isEqualTo("{\"first_id\":7,\"loss\":1.0E-9}");
  }

  @Test
  void aRecordIsReadAsItWasWritten() {
    assertThat(Json.parse(Json.file(MANIFEST), Manifest.class, "manifest.json"))
        .isEqualTo(MANIFEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{\"first_id\":1",
        "{\"first_id\":1}",
        "{\"first_id\":1,\"loss\":null}",
        "{\"first_id\":1.5,\"loss\":0}",
        "{\"first_id\":\"1\",\"loss\":0}",
        "{\"first_id\":9223372036854775808,\"loss\":0}",
        "{\"first_id\":1,\"first_id\":2,\"loss\":0}",
        "{\"first_id\":1,\"loss\":0} {}",
      })
  void bytesThatAreNotExactlyTheRecordAreRefused(String text) {
    assertThatThrownBy(() -> Json.parse(text.getBytes(UTF_8), Part.class, "run.json"))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("run.json is damaged or belongs to another program: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{`count`:1} | it has no 'solver'.",
        "{`solver`:null,`parts`:[],`versions`:{},`count`:1} | the value of 'solver' is null or",
        "{`solver`:`a`,`parts`:[{`loss`:1}],`versions`:{},`count`:1} | no 'parts[0].first_id'.",
        "{`solver`:`a`,`parts`:[],`versions`:{},`count`:`x`} | the value of 'count' is null or of",
        "{`solver`:`a`,`parts`:[],`versions`:{},`count`:1.5} | the value of 'count' is null or of",
        "{`solver`:`a`,`parts`:[{`first_id`:1,`loss`:1e999}],`versions`:{},`count`:1} | the number at 'parts[0].loss' is too large",
        "{`count`:99999999999} | (line 1, column",
        "{`count`:1,`count`:1} | Duplicate field 'count' (line 1, column",
        "{`solver`:`a`,`parts`:[],`versions`:{},`count`:1} {} | more text follows its end (line 1",
        "{`count`:1 | Unexpected end-of-input",
        "[] | its content is of another kind than expected (line 1",
      })
  void theMessageHasPlainWords(String json, String words) {
    var text = json.replace('`', '"');

    assertThatThrownBy(() -> Json.parse(text.getBytes(UTF_8), Manifest.class, "run.json"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(words)
        .message()
        .doesNotContainPattern("creator|Deserialization|flowmatching|java|Source|byte\\[|token of");
  }

  @Test
  void unknownKeysAreIgnored() {
    var text = "{\"first_id\":1,\"loss\":0.5,\"@class\":\"java.lang.Object\",\"new\":{\"loss\":2}}";

    assertThat(Json.parse(text.getBytes(UTF_8), Part.class, "run.json"))
        .isEqualTo(new Part(1, 0.5));
  }

  @Test
  void deepNestingIsRefused() {
    var text = "[".repeat(1 << 20);

    assertThatThrownBy(() -> Json.parse(text.getBytes(UTF_8), Manifest.class, "run.json"))
        .isInstanceOf(DataFailure.class);
  }

  @Test
  void aTolerantReadTakesMissingAndNullTextsListsAndMapsAsEmpty() {
    var text = "{\"solver\":null,\"count\":1}";

    assertThat(Json.parseTolerantly(text.getBytes(UTF_8), Manifest.class, "run.json"))
        .isEqualTo(new Manifest("", List.of(), Map.of(), 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"count\":null}", "{\"count\":1,\"parts\":[null]}", "[]", ""})
  void aTolerantReadNeedsNumbersAndElements(String text) {
    assertThatThrownBy(() -> Json.parseTolerantly(text.getBytes(UTF_8), Manifest.class, "run.json"))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("run.json is damaged or belongs to another program: ");
  }
}
