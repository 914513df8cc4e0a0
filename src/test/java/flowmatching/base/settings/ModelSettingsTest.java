package flowmatching.base.settings;

import static flowmatching.base.settings.TestSettings.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSettingsTest {
  private static final ModelSettings MODEL = read("model.image.channels=3").model();

  @Test
  void jsonIsReadAsItWasWritten() {
    assertThat(ModelSettings.fromJson("model.json", MODEL.json())).isEqualTo(MODEL);
  }

  @Test
  void jsonIsTheSameForTheSameSettings() {
    assertThat(MODEL.json())
        .isEqualTo(
            "{\"attention\":[false,true],\"channels\":[32,64,128],\"down-sample\":[true,true],"
                + "\"groups\":8,\"heads\":4,\"image\":{\"channels\":3,\"height\":28,\"width\":28},"
                + "\"mid-channels\":[128,64],\"time-embedding\":128}");
  }

  @Test
  void jsonThatBreaksRulesIsRefusedWithAllOfThem() {
    var json =
        MODEL
            .json()
            .replace("\"heads\":4", "\"heads\":0")
            .replace("\"groups\":8", "\"groups\":5")
            .replace("\"time-embedding\":128", "\"time-embeding\":128");

    assertThatThrownBy(() -> ModelSettings.fromJson("m/model.json", json))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("The network described in m/model.json cannot be built:\n")
        .hasMessageContaining("model.heads = 0 (m/model.json: 1): it must be an integer from 1")
        .hasMessageContaining("model.groups = 5 (m/model.json: 1): it must divide 16")
        .hasMessageContaining("model.time-embedding is not set")
        .hasMessageContaining("model.time-embeding = 128 (m/model.json: 1): unknown key")
        .hasMessageEndingWith("If a newer version of this program wrote it, use that one.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"heads\": ${PATH}}", "include \"x\"", "\u0000"})
  void textThatIsNotAJsonObjectIsRefused(String json) {
    assertThatThrownBy(() -> ModelSettings.fromJson("model.json", json))
        .isInstanceOf(DataFailure.class)
        .hasMessageStartingWith("model.json does not describe a network: ");
  }

  @Test
  void textThatNestsDeeplyIsRefusedBeforeItIsParsed() {
    assertThatThrownBy(() -> ModelSettings.fromJson("model.json", "[".repeat(100_000)))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("it has more than 32 lists and objects");
  }

  @Test
  void listsCannotBeChangedFromOutside() {
    var channels = new ArrayList<>(Arrays.asList(32, 64));
    var model =
        new ModelSettings(
            new ImageShape(1, 28, 28),
            channels,
            List.of(64, 32),
            8,
            List.of(true),
            List.of(true),
            4,
            8);

    channels.set(0, 7);

    assertThat(model.channels()).containsExactly(32, 64);
  }
}
