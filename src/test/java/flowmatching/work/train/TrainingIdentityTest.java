package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.CapturedLog;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Json;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Precision;
import flowmatching.base.settings.Settings;
import flowmatching.means.run.RunRecord;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.OneDnn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingIdentityTest {
  @TempDir private Path directory;
  private Folder output;

  @BeforeEach
  void start() {
    output = Folder.of(directory.toString(), new Configuration());
    run(128, "AVX2").writeTo(output);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train.epochs=20",
        "train.output=elsewhere",
        "train.resume=never",
        "train.checkpoint.keep-last=9",
        "train.preview.count=1",
        "train.workers=4",
        "sample.count=3"
      })
  void aRunResumesWithAnother(String setting) {
    assertThatCode(() -> run(128, "AVX2", setting).check(output)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train.batch-size=\"256\"",
        "train.batch-size=256.0",
        "train.learning-rate=0.0010",
        "train.learning-rate=\"1e-3\"",
        "train.round-steps=200",
        "model.channels=[\"32\",64.0,128]",
        "model.attention=[\"false\",\"true\"]"
      })
  void settingsWithTheSameMeaningAreTheSame(String setting) {
    assertThatCode(() -> run(128, "AVX2", setting).check(output)).doesNotThrowAnyException();
    run(128, "AVX2", setting).writeTo(output);
    assertThatCode(() -> run(128, "AVX2").check(output)).doesNotThrowAnyException();
  }

  @Test
  void imagesAreIdentifiedByTheirDigestsAndNotByTheirFolder() throws IOException {
    replace("\"name\" : \"Fashion-MNIST\"", "\"name\" : \"file:/old/data\"");
    assertThatCode(() -> run(128, "AVX2").check(output)).doesNotThrowAnyException();
    replace("\"images_sha256\" : \"a\"", "\"images_sha256\" : \"x\"");
    replace("\"labels_sha256\" : \"d\"", "\"labels_sha256\" : \"y\"");
    assertThatThrownBy(() -> run(128, "AVX2").check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("data.images_sha256 is \"x\" there and \"a\" now")
        .hasMessageContaining("validation data.labels_sha256 is \"y\" there and \"d\" now");
  }

  @Test
  void aRecordWithMoreKeysThanThisVersionReadsIsOfTheSameRun() throws IOException {
    replace("\"code_version\"", "\"format_version\" : 1, \"note\" : {}, \"code_version\"");
    replace("\"images_sha256\" : \"a\"", "\"images_sha256\" : \"a\", \"classes\" : 10");
    assertThatCode(() -> run(128, "AVX2").check(output)).doesNotThrowAnyException();
  }

  @Test
  void aSettingThatThisVersionDoesNotKnowIsADifference() throws IOException {
    replace("\"learning-rate\" : 0.001", "\"learning-rate\" : 0.001, \"warm-up\" : 5");
    assertThatThrownBy(() -> run(128, "AVX2").check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.warm-up is 5 there and nothing now");
  }

  @Test
  void aRecordOfANewerFormatIsRefused() throws IOException {
    Files.writeString(directory.resolve("run.json"), "{\"format_version\" : 2}");
    assertThatThrownBy(() -> run(128, "AVX2").check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("run.json has format version 2")
        .hasMessageContaining("a newer version of this program wrote it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train.output=elsewhere",
        "train.epochs=20",
        "train.checkpoint.keep-last=9",
        "sample.count=3"
      })
  void aRunHasTheSameDigestWithAnother(String setting) throws IOException {
    assertThat(firstStart(setting))
        .matches("[0-9a-f]{64}")
        .isEqualTo(firstStart("train.resume=auto"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"train.seed=2", "train.batch-size=512", "train.ema-decay=0.9", "model.heads=2"})
  void anotherRunHasAnotherDigest(String setting) throws IOException {
    assertThat(firstStart(setting)).isNotEqualTo(firstStart("train.resume=auto"));
  }

  @Test
  void otherImagesGiveAnotherDigest() throws IOException {
    Files.delete(directory.resolve("run.json"));
    assertThat(run(64, "AVX2").check(output).runSha256())
        .isNotEqualTo(run(128, "AVX2").check(output).runSha256());
  }

  private String firstStart(String setting) throws IOException {
    Files.deleteIfExists(directory.resolve("run.json"));
    return run(128, "AVX2", setting).check(output).runSha256();
  }

  @Test
  void aResumedRunKeepsTheDigestOfItsFirstStart() throws IOException {
    run(128, "AVX2").check(output).writeTo(output);
    replace("\"run_sha256\" : \"\"", "\"run_sha256\" : \"of a version with other settings\"");
    TrainingIdentity resumed = run(128, "AVX2").check(output);
    resumed.writeTo(output);
    assertThat(run(128, "AVX2").check(output).runSha256())
        .isEqualTo("of a version with other settings");
  }

  private void replace(String from, String to) throws IOException {
    Path file = directory.resolve("run.json");
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  @ParameterizedTest
  @CsvSource({
    "train.learning-rate=2e-3, train.learning-rate is 0.001 there and 0.002 now",
    "train.batch-size=512, train.batch-size is 256 there and 512 now",
    "train.learning-rate-schedule=cosine, train.learning-rate-schedule is \"constant\" there",
    "train.validation.limit=9, train.validation.limit is \"all\" there and 9 now",
    "train.initial-weights=elsewhere, train.initial-weights is \"random\" there and \"elsewhere\"",
    "model.heads=2, model.heads is 4 there and 2 now"
  })
  void aRunDoesNotResumeWithAnother(String setting, String difference) {
    assertThatThrownBy(() -> run(128, "AVX2", setting).check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("holds another run: ")
        .hasMessageContaining(difference);
  }

  @Test
  void aScheduleThatDependsOnTheEpochsFixesThem() {
    String cosine = "train.learning-rate-schedule=cosine";
    run(128, "AVX2", cosine).writeTo(output);
    assertThatThrownBy(() -> run(128, "AVX2", cosine, "train.epochs=20").check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.epochs is 10 there and 20 now");
  }

  @Test
  void otherImagesBelongToAnotherRun() {
    assertThatThrownBy(() -> run(64, "AVX2").check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("data.images (see data.limit) is 128 there and 64 now");
  }

  @Test
  void differentNumericsAreOnlyAWarning() {
    try (CapturedLog log = new CapturedLog(TrainingIdentity.class)) {
      run(128, "AVX512").check(output);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains("library is \"AVX2\" there and \"AVX512\" now");
    }
  }

  @Test
  void anotherVersionOfTheProgramResumes() throws IOException {
    Path file = directory.resolve("run.json");
    String text = Files.readString(file);
    String before =
        text.replaceFirst("\"code_version\" : \"[^\"]*\",", "")
            .replaceFirst("\"initial-weights\" : \"random\",", "");
    assertThat(before).hasSizeLessThan(text.length() - 40);
    Files.writeString(file, before);
    assertThatCode(() -> run(128, "AVX2").check(output)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "{\"settings\": {\"train\": 1", "{\"data\": {}}", "PK"})
  void aFileThatIsNotARecordIsRefused(String text) throws IOException {
    Files.writeString(directory.resolve("run.json"), text);
    assertThatThrownBy(() -> run(128, "AVX2").check(output))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(directory.toString());
  }

  private static TrainingIdentity run(int images, String library, String... arguments) {
    List<String> all = new ArrayList<>(List.of("train.output=runs/test"));
    all.addAll(List.of(arguments));
    Settings settings = Settings.read(Job.TRAIN, LocalDate.EPOCH, List.of(), all);
    return new TrainingIdentity(
        new RunRecord(
            "1",
            "",
            Json.parse(settings.json().getBytes(StandardCharsets.UTF_8), JsonNode.class, "test"),
            settings.origins(),
            new RunRecord.Data("Fashion-MNIST", "train", images, "a", "b"),
            new RunRecord.Data("Fashion-MNIST", "test", 10, "c", "d"),
            "",
            "last",
            Json.tree(
                Json.line(
                    new NumericIdentity(
                        "1",
                        Library.valueOf(library),
                        "AVX2",
                        "Zen",
                        new OneDnn("3.11.0", "AVX2"),
                        Precision.FLOAT32,
                        2))),
            new RunRecord.Cluster("3.5.9", "local[2]", 2, 1)));
  }
}
