package flowmatching.base.settings;

import static flowmatching.base.settings.TestSettings.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLayersTest {
  @Test
  void oneMessageHasTheSyntaxErrorsOfAllTextsWithTheirLines() {
    var first = new Source("first.conf", "train {\n  epochs = 3\n  seed = ]\n}");
    var second = new Source("second.conf", "data {\n");

    assertThatThrownBy(() -> read(List.of(first, second), "model.channels=[1,2", "a..b=1", "x"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageStartingWith("The configuration cannot be read:\n  first.conf: 3: ")
        .hasMessageContaining("\n  second.conf: 2: ")
        .hasMessageContaining("\n  argument model.channels=[1,2: List should have ended with ]")
        .hasMessageContaining("\n  argument a..b=1: ")
        .hasMessageContaining(
            "\n  argument x: an argument has the form path=value, such as train.epochs=5.")
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(6));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://bucket/a",
        "/a//b#c",
        "a=b, c = d",
        "a\ntrain.epochs = 1",
        "with space ",
        "C:\\x",
        "2026",
        "2026.10",
        "007",
        "-0",
        "1e3",
        "1E+3",
        "1.",
        "1.2.3",
        "2026+1",
        "0x10",
        "1_000",
        "+5",
        "2026-11-30",
        "9007199254740993.0",
        "true",
        "null",
        "\u00fcber"
      })
  void anArgumentThatIsNotHoconIsPlainText(String path) {
    assertThat(read("data.path=" + path).data().path()).isEqualTo(path);
  }

  @Test
  void anArgumentMayBeAListAnObjectOrAQuotedString() {
    var settings =
        read(
            "model.channels=[16, 32, 64]",
            "model.mid-channels=[64,32]",
            "model.image={height=32, width=16}",
            "data.path=\"a\\tb\"");

    assertThat(settings.model().channels()).containsExactly(16, 32, 64);
    assertThat(settings.model().image()).isEqualTo(new ImageShape(1, 32, 16));
    assertThat(settings.data().path()).isEqualTo("a\tb");
  }

  @Test
  void theValueOfAnArgumentCannotSetAnotherKey() {
    assertThatThrownBy(() -> read("model.channels=[16,32,64], x = 1"))
        .hasMessageContaining("text follows the value; quote the whole if it is one string");
    assertThatThrownBy(() -> read("train.epochs=3\ntrain.seed=4"))
        .hasMessageContaining("train.epochs = \"3\\ntrain.seed=4\" (argument)");
  }

  @Test
  void anEnvironmentVariableIsUsedIfATextNamesItAndItIsSet() {
    var file =
        new Source(
            "my.conf",
            """
            data.path = ${PATH}
            train.output = first
            train.output = ${?FLOW_MATCHING_NOT_SET}
            """);

    var settings = read(List.of(file));

    assertThat(settings.data().path()).isEqualTo(System.getenv("PATH"));
    assertThat(settings.train().output()).isEqualTo("first");
    assertThat(settings.explanation())
        .containsPattern("data.path = .*  # environment variable PATH\n");
  }

  @Test
  void aSubstitutionSeesOverridingValues() {
    var file = new Source("my.conf", "train.output = a\nsample.model = ${train.output}/model");

    var settings = read(List.of(file), "train.output=b", "sample.output=${train.output}\"/s\"");

    assertThat(settings.sample().model()).isEqualTo("b/model");
    assertThat(settings.sample().output()).isEqualTo("b/s");
  }

  @Test
  void aSubstitutionWithoutAValueIsRefusedWithItsLine() {
    var file = new Source("my.conf", "\ndata.path = ${FLOW_MATCHING_NOT_SET}");

    assertThatThrownBy(() -> read(List.of(file)))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("my.conf: 2: ")
        .hasMessageContaining("${FLOW_MATCHING_NOT_SET}");
  }

  @Test
  void aCyclicSubstitutionIsRefused() {
    var file =
        new Source("my.conf", "sample { model = ${sample.output}, output = ${sample.model} }");

    assertThatThrownBy(() -> read(List.of(file)))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("my.conf: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"other.conf\"",
        "file(\"/etc/hostname\")",
        "url(\"file:///etc/hostname\")",
        "classpath(\"reference.conf\")",
        "required(file(\"/etc/hostname\"))"
      })
  void anIncludeIsRefusedInsteadOfIgnored(String what) {
    assertThatThrownBy(() -> read(List.of(new Source("my.conf", "include " + what))))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("my.conf: include ")
        .hasMessageContaining("give each file with its own --config");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2026.10", "007", "-0", "1e3", "1.", "0x10", "1_000", "2026-11-30", "true"})
  void aFolderKeepsItsTextInAFileAndInSubstitutions(String text) {
    var file =
        new Source(
            "my.conf",
            """
            train.output = %s
            data.path = ${train.output}
            sample { model = ${train.output}/model, output = a/${train.output} }
            """
                .formatted(text));

    var settings = read(List.of(file), "evaluate.output=${train.output}");

    assertThat(settings.train().output()).isEqualTo(text);
    assertThat(settings.data().path()).isEqualTo(text);
    assertThat(settings.sample().model()).isEqualTo(text + "/model");
    assertThat(settings.sample().output()).isEqualTo("a/" + text);
    assertThat(settings.evaluate().output()).isEqualTo(text);
    assertThat(settings.json()).contains("\"output\":\"%s\"".formatted(text));
    assertThat(read(List.of(new Source("explained", settings.explanation()))).train().output())
        .isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"runs/a#b", "runs//a", "/a//b#c", "${data.path}#2", "${data.path}//2", "\"a\"#b"})
  void aCommentDirectlyAfterAValueIsRefused(String value) {
    var file = new Source("my.conf", "\ntrain.epochs = 3\ntrain.output = " + value + "\n");

    assertThatThrownBy(() -> read(List.of(file)))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining(
            "my.conf: 3: a comment begins directly after a value: put a value with # or // in double quotes");
  }

  @Test
  void otherCommentsAreComments() {
    var file =
        new Source(
            "my.conf",
            """
            // see http://host/a#b, and a"b
            train { # a section
              output = "a//b#c" # a folder
              epochs = 3 // a number
            }# an end
            model.channels = [32, # a
              64, 128]//b
            sample.output = \"""d#"e\"""\" # f
            """);

    var settings = read(List.of(file));

    assertThat(settings.train().output()).isEqualTo("a//b#c");
    assertThat(settings.train().epochs()).isEqualTo(3);
    assertThat(settings.sample().output()).isEqualTo("d#\"e\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "#", "\\\\", "\\\"#"})
  void aQuotedTextMayBeLong(String part) {
    var quoted = "\"" + part.repeat(100_000) + "\"";
    var file = new Source("my.conf", "train.output = " + quoted + " # a folder");

    assertThat(read(List.of(file)).train().output()).hasSizeGreaterThanOrEqualTo(100_000);
    assertThat(read("train.output=" + quoted).train().output())
        .isEqualTo(read(List.of(file)).train().output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"${data.path}#2", "${data.path} # 2", "${data.path}//2", "\"a\" # b"})
  void anArgumentLosesNoTextToAComment(String value) {
    assertThatThrownBy(() -> read("sample.output=" + value))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("argument sample.output=" + value + ": # and // begin a comment");
    assertThat(read("sample.output=${train.output}\"#2\"").sample().output())
        .isEqualTo("runs/test#2");
  }

  @Test
  void aTextThatNeedsQuotesIsRefusedWithAnExampleOfThem() {
    assertThatThrownBy(() -> read("evaluate.solvers=[euler:10]"))
        .hasMessageEndingWith(
            "instead had token: ':'; a text with other characters than letters, digits, _, -, . and / needs double quotes, as in 'evaluate.solvers=[\"euler:10\"]'.");
    assertThatThrownBy(() -> read(List.of(new Source("my.conf", "data.path = s3a://bucket/x"))))
        .hasMessageContaining("my.conf: 1: ")
        .hasMessageContaining("got ':'; a text with other characters")
        .hasMessageContaining("needs double quotes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ntrain.epochs += 3",
        "train {\n  epochs += 3\n}",
        "data.path = ${PATH}\ntrain.epochs += 3\n",
      })
  void appendingToAValueThatIsNoListIsRefusedWithItsPlace(String text) {
    assertThatThrownBy(() -> read(List.of(new Source("my.conf", text))))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("my.conf: 2: += is not supported for train.epochs, because its")
        .hasMessageContaining("write train.epochs = and the new value.")
        .message()
        .doesNotContainPattern("Config[A-Z]|SimpleConfig|reference.conf");
  }

  @Test
  void everyJoinOfDifferentKindsIsReported() {
    var file = new Source("my.conf", "train.seed = 3 [1]\ntrain.epochs = 1");
    assertThatThrownBy(() -> read(List.of(file)))
        .hasMessageContaining("my.conf: 1: a list or a section is joined to another value, but")
        .hasMessageNotContaining("SimpleConfigList");
    var first = new Source("first.conf", "train { epochs = 2\n epochs += 3\n seed += 3 }");
    assertThatThrownBy(() -> read(List.of(first), "train.output=${model.channels}a"))
        .hasMessageContaining("\n  first.conf: 1-2: += is not supported for train.epochs")
        .hasMessageContaining("\n  first.conf: 3: += is not supported for train.seed")
        .hasMessageContaining("\n  argument: train.output joins a list or a section to another");
    assertThatThrownBy(() -> read("train.epochs+=3"))
        .hasMessageContaining(
            "argument train.epochs+=3: += is not supported in an argument: write = and");
  }

  @Test
  void appendingToAListIsAllowed() {
    var file = new Source("my.conf", "evaluate.solvers = [\"euler:10\"]");
    var more = new Source("more.conf", "evaluate.solvers += \"euler:20\"");
    assertThat(read(List.of(file, more)).evaluate().solvers()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# {\ntrain {\n  output = \"{\"\n",
        "\ntrain = {\n  output = \"\"\"}\"\"\"",
        "data { }\ntrain {\n  preview {\n count = 4 }\n",
      })
  void aMissingBraceIsReportedWithTheOneThatOpens(String text) {
    assertThatThrownBy(() -> read(List.of(new Source("my.conf", text))))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("\n  my.conf: ")
        .hasMessageEndingWith(": a } is missing for the { in line 2, or for one after it.");
  }
}
