package flowmatching.base.settings;

import static flowmatching.base.settings.TestSettings.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KindTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          data.path                    | '  '             | a folder, such as
          data.format                  | csv              | idx, or not set
          data.split                   | TEST             | train or test
          data.limit                   | 0                | an integer from 1 to 1000000000, or all
          data.limit                   | none             | an integer from 1 to 1000000000, or all
          model.image.channels         | 65               | an integer from 1 to 64
          model.image.height           | 1025             | an integer from 1 to 1024
          model.image.width            | 0                | an integer from 1 to 1024
          model.channels               | [32]             | a list of 2 to 8 entries, each an integer from 1 to 4096
          model.channels               | [32,4097]        | a list of 2 to 8 entries, each an integer from 1 to 4096
          model.channels               | 32               | a list of 2 to 8 entries, each an integer from 1 to 4096
          model.mid-channels           | [8,8,8,8,8,8,8,8,8] | a list of 2 to 8 entries
          model.time-embedding         | 4098             | an integer from 2 to 4096
          model.down-sample            | []               | a list of 1 to 7 entries, each true or false
          model.attention              | [yes]            | a list of 1 to 7 entries, each true or false
          model.heads                  | -1               | an integer from 1 to 64
          model.groups                 | 17               | an integer from 1 to 16
          train.epochs                 | 1.5              | an integer from 1 to 100000
          train.epochs                 | 99999999999999999999999999 | an integer from 1 to 100000
          train.epochs                 | 1e999999999      | an integer from 1 to 100000
          train.batch-size             | 65537            | an integer from 1 to 65536
          train.learning-rate          | 0                | a number above 0 and up to 1
          train.learning-rate          | 1.01             | a number above 0 and up to 1
          train.learning-rate          | NaN              | a number above 0 and up to 1
          train.learning-rate-schedule | linear           | constant or cosine
          train.seed                   | 9223372036854775808 | a signed integer of 64 bits
          train.strategy               | ring             | parameter-server or averaging
          train.workers                | 1025             | an integer from 1 to 1024, or auto
          train.threshold              | -1e-3            | a number above 0 and up to 1
          train.resume                 | always           | auto or never
          train.checkpoint.keep-last   | 0                | an integer from 1 to 100000
          train.checkpoint.keep-every  | -1               | an integer from 0 to 100000
          train.validation.limit       | -5               | an integer from 1 to 1000000000, or all
          train.preview.count          | 0                | an integer from 1 to 1024
          train.preview.steps          | 10001            | an integer from 1 to 10000
          sample.model                 | []               | a folder, such as
          sample.output                | {}               | a folder, such as
          sample.run-date              | 2026-02-29       | a date of the form 2026-11-24
          sample.run-date              | 24.11.2026       | a date of the form 2026-11-24
          sample.run-date              | +12026-11-24     | a date of the form 2026-11-24
          sample.count                 | 1000000001       | an integer from 1 to 1000000000
          sample.first-id              | -1               | an integer from 0 to 999999999
          sample.first-id              | 1000000000       | an integer from 0 to 999999999
          sample.seed                  | one              | a signed integer of 64 bits, or run-date
          sample.solver                | ralston          | euler or midpoint or heun or rk4 or dopri5
          sample.times                 | [0]              | a list of 2 to 10001 entries, each a number from 0 to 1, or uniform
          sample.tolerance.absolute    | 0                | a number from 0.000001 to 1
          sample.tolerance.relative    | 2                | a number from 0.000001 to 1
          sample.steps                 | 0                | an integer from 1 to 10000
          sample.batch-size            | 4097             | an integer from 1 to 4096
          sample.range-size            | 0                | an integer from 1 to 1048576, or auto
          sample.formats               | [jpeg]           | a list of 1 to 3 entries, each parquet or png or tar
          sample.grid.columns          | 257              | an integer from 1 to 256
          sample.grid.images           | 4097             | an integer from 1 to 4096
          evaluate.samples             | []               | a folder, such as
          evaluate.output              | {}               | a folder, such as
          evaluate.count               | 1                | an integer from 2 to 1000000
          evaluate.extractor           | a b              | a name of letters, digits and -
          evaluate.bootstrap           | 39               | an integer from 40 to 1000, or none
          evaluate.neighbours          | 0                | an integer from 1 to 50
          evaluate.solvers             | [euler]          | a list of 0 to 100 entries, each a solver with steps
          evaluate.solvers             | ["euler:0"]      | a list of 0 to 100 entries, each a solver with steps
          evaluate.solvers             | ["rk4:1.5"]      | a list of 0 to 100 entries, each a solver with steps
          evaluate.solvers             | ["rk4:10001"]    | a list of 0 to 100 entries, each a solver with steps
          evaluate.solvers             | ["ralston:5"]    | a list of 0 to 100 entries, each a solver with steps
          evaluate.solvers             | ["dopri5:2"]     | a list of 0 to 100 entries, each a solver with steps
          evaluate.solvers             | ["dopri5:1e-7"]  | a list of 0 to 100 entries, each a solver with steps
          """)
  void aWrongValueIsTheOnlyError(String path, String value, String allowed) {
    assertThatThrownBy(() -> read(path + "=" + value))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageStartingWith("The configuration is wrong in 1 place:\n  " + path + " = ")
        .hasMessageContaining("(argument): it must be " + allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "-9223372036854775808, -9223372036854775808",
    "9223372036854775807, 9223372036854775807",
    "0, 0"
  })
  void aSeedIsAnyIntegerOf64Bits(String text, long seed) {
    assertThat(read("train.seed=" + text).train().seed()).isEqualTo(seed);
    assertThat(read("sample.seed=" + text).sample().seed()).isEqualTo(seed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000", "1e3", "\"1000\"", "1000.0"})
  void anIntegerMayBeWrittenLikeAnyNumber(String text) {
    assertThat(read("sample.count=" + text).sample().count()).isEqualTo(1000);
  }

  @Test
  void quotedValuesAreReadLikeEnvironmentVariables() {
    var file =
        new Source(
            "my.conf",
            """
            train { epochs = "7", learning-rate = "0.01" }
            model.attention = ["true", "false"]
            """);

    var settings = read(List.of(file));

    assertThat(settings.train().epochs()).isEqualTo(7);
    assertThat(settings.train().learningRate()).isEqualTo(0.01);
    assertThat(settings.model().attention()).containsExactly(true, false);
  }

  @Test
  void theLimitsAreAllowed() {
    var settings =
        read(
            "train.learning-rate=1",
            "train.threshold=1",
            "data.limit=1000000000",
            "model.heads=1",
            "evaluate.solvers=[\"euler:1e1\", \"rk4:10000\", \"dopri5:1e-6\", \"dopri5:1\"]");

    assertThat(settings.train().learningRate()).isEqualTo(1);
    assertThat(settings.train().threshold()).isEqualTo(1);
    assertThat(settings.data().limit()).isEqualTo(1_000_000_000);
    assertThat(settings.model().heads()).isEqualTo(1);
    assertThat(settings.evaluate().solvers())
        .extracting(Object::toString)
        .containsExactly("euler:10", "rk4:10000", "dopri5:0.000001", "dopri5:1");
  }

  @ParameterizedTest
  @CsvSource({
    "9007199254740993, 9007199254740993",
    "9007199254740993.0, 9007199254740993",
    "90071992547409930e-1, 9007199254740993",
    "1.0, 1",
    "1e3, 1000",
    "\"0256\", 256"
  })
  void aSeedIsExactInEveryFormOfANumberAndInTheRecord(String text, long seed) {
    var settings = read(List.of(new Source("my.conf", "train.seed = " + text)));

    assertThat(settings.train().seed()).isEqualTo(seed);
    assertThat(read("train.seed=" + text).train().seed()).isEqualTo(seed);
    assertThat(read(List.of(new Source("explained", settings.explanation()))).train().seed())
        .isEqualTo(seed);
    if (!text.startsWith("\"")) {
      assertThat(settings.json()).contains("\"seed\":" + seed);
    }
  }

  @Test
  void aWrongNumberIsReportedAsItWasWritten() {
    assertThatThrownBy(() -> read("train.epochs=1.50", "train.learning-rate=1e999"))
        .hasMessageContaining("train.epochs = 1.50 (argument): ")
        .hasMessageContaining("train.learning-rate = 1e999 (argument): ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data.path",
        "train.output",
        "train.initial-weights",
        "sample.model",
        "sample.output",
        "evaluate.samples",
        "evaluate.output"
      })
  void aFolderThatOnlyAShellWouldReplaceIsRefusedWithTheFix(String path) {
    for (var text : List.of("~", "~/runs", "~user/runs", "~user")) {
      assertThatThrownBy(() -> read(path + "=" + text))
          .isInstanceOf(ConfigurationFailure.class)
          .hasMessageContaining("%s = \"%s\" (argument): it must be a folder".formatted(path, text))
          .hasMessageContaining("; ~ is not replaced by a home folder here: write $HOME");
    }
    for (var text : List.of("$HOME/runs", "\"${train.output}/x\"")) {
      assertThatThrownBy(() -> read(path + "=" + text))
          .isInstanceOf(ConfigurationFailure.class)
          .hasMessageContaining("; $ is not replaced inside quotes");
    }
    assertThatThrownBy(() -> read(path + "=runs/\uFFFD\uFFFDber"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining(
            "; characters in it were lost because the encoding of this process is ")
        .hasMessageContaining("set LC_ALL=C.UTF-8 in the environment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"./~", "runs/~x", "file:///~/x", "s3a://b/~/x", "runs/a$b"})
  void aFolderMayHaveTheseCharactersElsewhere(String text) {
    assertThat(read("train.output=" + text).train().output()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train.epochs=\uff16\uff14",
        "train.seed=\u06f6",
        "train.learning-rate=0.\u0661",
        "evaluate.solvers=[\"euler:\uff11\"]"
      })
  void onlyTheDigitsOfAsciiAreNumbers(String argument) {
    assertThatThrownBy(() -> read(argument))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining(argument.substring(0, argument.indexOf('=')) + " = ");
  }
}
