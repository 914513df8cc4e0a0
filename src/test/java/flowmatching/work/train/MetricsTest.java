package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;

import flowmatching.CapturedLog;
import flowmatching.means.run.EpochMetrics;
import flowmatching.means.storage.Folder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
  private static final String RUN = "a".repeat(64);

  @TempDir private Path directory;

  @Test
  void keptLinesStayAsTheyAreWhicheverVersionWroteThem() throws IOException {
    write("{\"epoch\":1}\n{ \"new\":[1.50], \"epoch\" : 2 }\n{\"epoch\":3,\"loss\":1}\n");
    metrics().keepUpTo(2);
    assertThat(file()).hasContent("{\"epoch\":1}\n{ \"new\":[1.50], \"epoch\" : 2 }\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"epoch\":2,\"loss\":0.",
        "{\"loss\":1}",
        "{\"epoch\":\"2\"}",
        "{\"epoch\":1.5}",
        "{\"epoch\":99999999999}",
        "[]",
        "null",
        ""
      })
  void aLineWithoutAnEpochIsRemovedWithAWarning(String line) throws IOException {
    write("{\"epoch\":1}\n" + line + "\n{\"epoch\":2}");
    try (CapturedLog log = new CapturedLog(Metrics.class)) {
      metrics().keepUpTo(2);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains("metrics.jsonl has a line that is torn, of another run, or without the number");
    }
    assertThat(Files.readString(file())).isEqualTo("{\"epoch\":1}\n{\"epoch\":2}\n");
  }

  @Test
  void manyLinesWithoutAnEpochGiveOneWarning() throws IOException {
    write("{\n  \"epoch\" : 1,\n  \"loss\" : 0.5\n}\n".repeat(30) + "{\"epoch\":1}\n");
    try (CapturedLog log = new CapturedLog(Metrics.class)) {
      metrics().keepUpTo(1);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains(
              "metrics.jsonl has 120 lines that are torn, of another run, or without the number",
              "the first: {");
    }
  }

  @Test
  void ofLinesOfOneEpochTheLastStays() throws IOException {
    write("{\"epoch\":1,\"loss\":1}\n{\"epoch\":2}\n{\"epoch\":1,\"loss\":2}\n");
    try (CapturedLog log = new CapturedLog(Metrics.class)) {
      metrics().keepUpTo(2);
      assertThat(log.messages()).singleElement().asString().contains("that of a later line");
    }
    assertThat(Files.readString(file())).isEqualTo("{\"epoch\":1,\"loss\":2}\n{\"epoch\":2}\n");
  }

  @Test
  void linesOfAnotherRunAreRemovedWithAWarning() throws IOException {
    String own = "{\"epoch\":2,\"run_sha256\":\"%s\"}\n".formatted(RUN);
    String ofAnEarlierVersion = "{\"epoch\":1}\n";
    write(ofAnEarlierVersion + own + "{\"epoch\":3,\"run_sha256\":\"other\"}\n");
    try (CapturedLog log = new CapturedLog(Metrics.class)) {
      metrics().keepUpTo(3);
      assertThat(log.messages())
          .hasSize(2)
          .anySatisfy(message -> assertThat(message).contains("of another run", "other"))
          .anySatisfy(message -> assertThat(message).contains("2 of the 3 epochs"));
    }
    assertThat(Files.readString(file())).isEqualTo(ofAnEarlierVersion + own);
  }

  @Test
  void warnsAboutMissingLines() throws IOException {
    write("{\"epoch\":3}\n");
    try (CapturedLog log = new CapturedLog(Metrics.class)) {
      metrics().keepUpTo(3);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains("metrics.jsonl has lines of 1 of the 3 epochs that are done");
    }
  }

  @Test
  void anEpochHasOneLineHoweverOftenItIsAdded() throws IOException {
    write("{\"epoch\":1}\n{\"epoch\":2,\"loss\":9}\n");
    var share = new EpochMetrics.Share(1, 0, 0, 0, 0);
    var updates = EpochMetrics.Updates.NONE;
    var seconds = new EpochMetrics.Seconds(1, 1, 1);
    metrics().add(new EpochMetrics(RUN, 2, 0.5, 0.4, 100, 8, 1, share, updates, seconds));
    assertThat(Files.readAllLines(file())).hasSize(2).first().isEqualTo("{\"epoch\":1}");
    assertThat(Files.readAllLines(file()).get(1)).contains("\"epoch\":2", "\"loss\":0.5");
  }

  @Test
  void theLastEpochIsTheHighestNumber() throws IOException {
    assertThat(metrics().lastEpoch()).isZero();
    write("{\"epoch\":3}\n{\"epoch\":2}\n{\"epoch\":");
    assertThat(metrics().lastEpoch()).isEqualTo(3);
  }

  private Path file() {
    return directory.resolve("metrics.jsonl");
  }

  private void write(String text) throws IOException {
    Files.writeString(file(), text);
  }

  private Metrics metrics() {
    return new Metrics(Folder.of(directory.toString(), new Configuration()), RUN);
  }
}
