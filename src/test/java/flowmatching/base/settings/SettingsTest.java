package flowmatching.base.settings;

import static flowmatching.base.settings.TestSettings.TODAY;
import static flowmatching.base.settings.TestSettings.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import flowmatching.base.failure.ConfigurationFailure;
import java.io.File;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @Test
  void defaultsAreTheRunOfTheArticle() {
    var settings = read();

    assertThat(settings.data())
        .isEqualTo(
            new DataSettings("/usr/share/datasets/fashion-mnist", Split.TRAIN, Long.MAX_VALUE));
    assertThat(settings.model())
        .isEqualTo(
            new ModelSettings(
                new ImageShape(1, 28, 28),
                List.of(32, 64, 128),
                List.of(128, 64),
                128,
                List.of(true, true),
                List.of(false, true),
                4,
                8));
    assertThat(settings.train())
        .isEqualTo(
            new TrainSettings(
                "runs/test",
                10,
                256,
                1e-3,
                TrainSettings.Schedule.CONSTANT,
                0,
                1,
                Precision.AUTO,
                "",
                TrainSettings.Strategy.PARAMETER_SERVER,
                OptionalInt.empty(),
                0.03,
                200,
                120,
                UdpPorts.ANY,
                TrainSettings.UnencryptedUpdates.REFUSE,
                TrainSettings.Resume.AUTO,
                new TrainSettings.Checkpoint(3, 0),
                Long.MAX_VALUE,
                new TrainSettings.Preview(32, 20)));
    assertThat(settings.sample())
        .isEqualTo(
            new SampleSettings(
                "",
                "",
                TODAY,
                128,
                0,
                1,
                false,
                SampleSettings.Solver.EULER,
                100,
                List.of(),
                new SampleSettings.Tolerance(1e-3, 1e-3),
                Precision.AUTO,
                128,
                128,
                List.of(SampleSettings.Format.PARQUET, SampleSettings.Format.PNG),
                new SampleSettings.Grid(16, 128)));
  }

  @Test
  void everyKeyOfTheReferenceIsRead() {
    var reference = ConfigFactory.parseFile(new File("src/main/resources/reference.conf"));
    var explained = ConfigFactory.parseString(read().explanation());

    assertThat(reference.entrySet()).hasSizeGreaterThan(30);
    assertThat(explained.entrySet()).containsAll(reference.entrySet());
  }

  @Test
  void laterFilesOverrideEarlierOnesAndArgumentsOverrideBoth() {
    var first = new Source("first.conf", "train { epochs = 1, seed = 1, batch-size = 32 }");
    var second = new Source("second.conf", "train { epochs = 2, seed = 2 }");

    var train = read(List.of(first, second), "train.epochs=3", "train.epochs=4").train();

    assertThat(train.epochs()).isEqualTo(4);
    assertThat(train.seed()).isEqualTo(2);
    assertThat(train.batchSize()).isEqualTo(32);
    assertThat(train.learningRate()).isEqualTo(1e-3);
  }

  @Test
  void oneMessageHasEveryErrorWithValueOriginAndWhatIsAllowed() {
    var file =
        new Source(
            "my.conf",
            """
            train {
              epochs = 0
              learning-rte = 2
            }
            data.limit = [1]
            """);

    assertThatThrownBy(() -> read(List.of(file), "sample.formats=[png,png]", "train.output="))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessage(
            """
            The configuration is wrong in 5 places:
              data.limit = [1] (my.conf: 5): it must be an integer from 1 to 1000000000, or all.
              train.output = "" (argument): it must be a folder, such as runs/train or s3a://bucket/train.
              train.epochs = 0 (my.conf: 2): it must be an integer from 1 to 100000.
              sample.formats = ["png","png"] (argument): it must not name a format twice.
              train.learning-rte = 2 (my.conf: 3): unknown key; the nearest is train.learning-rate.""");
  }

  @Test
  void aJobRequiresItsOwnFoldersOnly() {
    assertThatThrownBy(() -> Settings.read(Job.TRAIN, TODAY, List.of(), List.of()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("wrong in 1 place:")
        .hasMessageContaining("train.output is not set: it must be a folder");
    assertThatThrownBy(() -> Settings.read(Job.SAMPLE, TODAY, List.of(), List.of()))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("wrong in 2 places:")
        .hasMessageContaining("sample.model is not set")
        .hasMessageContaining("sample.output is not set");
    var sample =
        Settings.read(
                Job.SAMPLE, TODAY, List.of(), List.of("sample.model=a/model", "sample.output=b"))
            .sample();
    assertThat(sample.model()).isEqualTo("a/model");
    assertThat(sample.output()).isEqualTo("b");
  }

  @Test
  void theFormatOfEarlierVersionsIsAcceptedWithoutEffect() {
    var file = new Source("old.conf", "data { format = idx, split = test }");

    assertThat(read(List.of(file)).data()).isEqualTo(read("data.split=test").data());
    assertThat(read().explanation()).doesNotContain("data.format");
    assertThatThrownBy(() -> read("data.format=parquet"))
        .hasMessageContaining("data.format = \"parquet\" (argument): it must be idx, or not set.");
  }

  @Test
  void aTypoInTheSectionOfAnotherJobIsReported() {
    assertThatThrownBy(() -> read("sample.cuont=3"))
        .hasMessageContaining(
            "sample.cuont = 3 (argument): unknown key; the nearest is sample.count.");
  }

  @Test
  void anUnknownSectionIsReportedKeyByKey() {
    assertThatThrownBy(() -> read("trian.epochs=3", "epochs=4"))
        .hasMessageContaining("trian.epochs = 3 (argument): unknown key")
        .hasMessageContaining("epochs = 4 (argument): unknown key")
        .hasMessageContaining("the nearest is train.epochs.");
  }

  @Test
  void aSectionSetToAValueIsOneErrorAndNotOnePerKey() {
    assertThatThrownBy(() -> read("train=4"))
        .hasMessage(
            """
            The configuration is wrong in 1 place:
              train = 4 (argument): this is a section: set its keys one by one.""");
  }

  @Test
  void aKeySetToASectionHasTheWrongType() {
    assertThatThrownBy(() -> read("data.path.folder=x"))
        .hasMessage(
            """
            The configuration is wrong in 1 place:
              data.path = {"folder":"x"} (argument): it must be a folder, such as runs/train or \
            s3a://bucket/train.""");
  }

  @Test
  void aKeySetToNullIsNotSet() {
    var file = new Source("my.conf", "train { epochs = null, output = null }");

    assertThatThrownBy(() -> read(List.of(file)))
        .hasMessageContaining("train.epochs is not set: it must be an integer from 1 to 100000.")
        .hasMessageContaining("train.output is not set");
  }

  @Test
  void workersShareABatchEvenly() {
    assertThat(read("train.workers=2").train().workers()).hasValue(2);
    assertThatThrownBy(() -> read("train.workers=3"))
        .hasMessageContaining("train.workers = 3 (argument)")
        .hasMessageContaining("it must divide train.batch-size, which is 256.");
  }

  @Test
  void udpPortsAreAnyOrARange() {
    assertThat(read("train.udp-ports=40000-40019").train().udpPorts())
        .isEqualTo(new UdpPorts(40_000, 40_019));
    for (var wrong : List.of("40019-40000", "80-90", "40000-70000", "40000", "-", "some")) {
      assertThatThrownBy(() -> read("train.udp-ports=" + wrong))
          .hasMessageContaining(
              "it must be a range of ports from 1024 to 65535, such as 40000-40019, or any.");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[0, 0.5]",
        "[0.1, 1]",
        "[0, 0.5, 0.5, 1]",
        "[0, 0.6, 0.5, 1]",
        "[1, 0]",
        "[0, 0]"
      })
  void timesThatDoNotRiseFromZeroToOneAreRefused(String times) {
    assertThatThrownBy(() -> read("sample.times=" + times))
        .hasMessageContaining(
            "it must rise from 0 to 1, each number larger than the previous one.");
    assertThat(read("sample.times=[0, 0.25, 1]").sample().times()).containsExactly(0.0, 0.25, 1.0);
  }

  @Test
  void moreObjectsThanADriverHoldsAreRefused() {
    assertThatThrownBy(() -> read("sample.count=12800001", "sample.range-size=128"))
        .hasMessageContaining(
            "it must split the 12800001 images of sample.count into at most 100000 ranges, not 100001: use a larger one.");
  }

  @Test
  void aRangeOfIdsHasWholeBatches() {
    assertThat(read("sample.range-size=256").sample().rangeSize()).isEqualTo(256);
    assertThatThrownBy(() -> read("sample.range-size=200"))
        .hasMessageContaining("it must be a multiple of sample.batch-size, which is 128.");
  }

  @Test
  void rulesBetweenWrongValuesAreSkipped() {
    assertThatThrownBy(() -> read("train.workers=3", "train.batch-size=0", "model.groups=0"))
        .hasMessageContaining("wrong in 2 places:")
        .hasMessageNotContaining("train.workers =");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[parquet]",
        "[png]",
        "[tar]",
        "[png, tar]",
        "[tar, parquet]",
        "[parquet, png]",
        "[tar, png, parquet]"
      })
  void anyCombinationOfFormatsIsAllowed(String formats) {
    assertThat(read("sample.formats=" + formats).sample().formats().toString())
        .isEqualToIgnoringCase(formats);
  }

  @Test
  void formatsAreNotRepeatedAndNotEmpty() {
    assertThatThrownBy(() -> read("sample.formats=[parquet, parquet]"))
        .hasMessageContaining("it must not name a format twice.");
    assertThatThrownBy(() -> read("sample.formats=[]"))
        .hasMessageContaining("it must be a list of 1 to 3 entries");
  }

  @Test
  void theSeedIsANumberOrFollowsFromTheRunDate() {
    var chosen = read("sample.seed=20261124").sample();
    assertThat(chosen.seed()).isEqualTo(20_261_124);
    assertThat(chosen.seedOfRunDate()).isFalse();
    var ofDate = read("sample.seed=run-date", "sample.run-date=2026-11-24").sample();
    assertThat(ofDate.seed()).isEqualTo(20_261_124);
    assertThat(ofDate.seedOfRunDate()).isTrue();
    assertThat(read("sample.seed=run-date", "sample.run-date=2026-02-03").sample().seed())
        .isEqualTo(20_260_203);
  }

  @Test
  void idsBeginAtAWholeBatchAndHaveNineDigits() {
    var last = read("sample.first-id=999999872").sample();
    assertThat(last.endId()).isEqualTo(1_000_000_000);
    assertThatThrownBy(() -> read("sample.first-id=100"))
        .hasMessageContaining("it must be a multiple of sample.batch-size, which is 128.");
    assertThatThrownBy(() -> read("sample.first-id=999999872", "sample.count=129"))
        .hasMessageContaining(
            "it must be at most 999999871, because ids end at 999999999 and sample.count is 129.");
  }

  @Test
  void theIdsOfEvaluateJobDependOnItsOwnCount() {
    String first = "sample.first-id=999999872";
    String model = "sample.model=runs/model";
    assertThat(
            evaluation(first, model, "evaluate.count=128", "sample.count=129").sample().firstId())
        .isEqualTo(999_999_872);
    String samples = "evaluate.samples=runs/samples";
    assertThat(evaluation(first, samples, "evaluate.count=129").evaluate().count()).isEqualTo(129);
    String sentence =
        "it must be at most 999999871, because ids end at 999999999 and evaluate.count is 129.";
    assertThatThrownBy(() -> evaluation(first, model, "evaluate.count=129"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining(sentence);
    assertThatThrownBy(
            () ->
                evaluation(
                    first, model, samples, "evaluate.count=129", "evaluate.solvers=[\"euler:2\"]"))
        .hasMessageContaining(sentence);
  }

  private static Settings evaluation(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.add("evaluate.output=runs/evaluation");
    return Settings.read(Job.EVALUATE, TODAY, List.of(), all);
  }

  @Test
  void theRunDateIsTodayUnlessItIsSet() {
    assertThat(read().sample().runDate()).isEqualTo(TODAY);
    assertThat(read("sample.run-date=2026-02-28").sample().runDate())
        .isEqualTo(LocalDate.of(2026, 2, 28));
  }

  @Test
  void theExplanationHasEveryValueOnceWithItsOriginInTheOrderOfTheSections() {
    var file = new Source("my.conf", "\ntrain.epochs = 3\nsample.model = ${train.output}/model");

    var lines = read(List.of(file), "train.output=there").explanation().lines().toList();

    assertThat(lines)
        .contains(
            "train.output = \"there\"  # argument",
            "train.epochs = 3  # my.conf: 2",
            "sample.run-date = \"2026-11-24\"  # today")
        .anyMatch(line -> line.matches("model.channels = \\[32,64,128]  # reference.conf: \\d+"))
        .anyMatch(line -> line.startsWith("sample.model = \"there/model\"  # "))
        .noneMatch(line -> line.startsWith("sample.output"))
        .doesNotHaveDuplicates();
    assertThat(lines.stream().map(line -> line.substring(0, line.indexOf('.'))).distinct())
        .containsExactly("data", "model", "train", "sample", "evaluate");
  }

  @Test
  void theExplanationIsAConfigurationWithTheSameSettings() {
    var settings = read("train.epochs=3", "data.path=/a//b#c", "train.workers=2");

    var again = read(List.of(new Source("explained", settings.explanation())));

    assertThat(again.train()).isEqualTo(settings.train());
    assertThat(again.data()).isEqualTo(settings.data());
    assertThat(again.json()).isEqualTo(settings.json());
  }

  @Test
  void systemPropertiesAreIgnored() {
    System.setProperty("train.epochs", "4711");
    System.setProperty("train.unknown", "4711");
    try {
      var settings = read();

      assertThat(settings.train().epochs()).isEqualTo(10);
      assertThat(settings.explanation()).doesNotContain("4711");
    } finally {
      System.clearProperty("train.epochs");
      System.clearProperty("train.unknown");
    }
  }

  @Test
  void theReferenceOfAnotherLibraryIsIgnored() {
    assertThat(getClass().getResource("/reference.conf").toString()).contains("test-classes");
    assertThat(read().json()).doesNotContain("another-library");
  }
}
