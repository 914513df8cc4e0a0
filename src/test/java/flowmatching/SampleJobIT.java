package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import flowmatching.means.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged job, in processes of its own, started as a user starts it. */
@Computes
class SampleJobIT {
  private static final List<String> RUN =
      List.of(
          "sample.model=model",
          "sample.run-date=2026-11-24",
          "sample.count=70",
          "sample.steps=5",
          "sample.batch-size=8",
          "sample.range-size=16");

  @TempDir Path directory;

  @BeforeEach
  void writeModel() {
    TinyModel.write(directory.resolve("model"), 1, 1);
  }

  @Test
  void oneThreadAndTwoWriteTheSameBytesAndARerunWritesNothing() throws Exception {
    assertThat(sample("local[1]", "sample.output=one")).as(this::log).isZero();
    assertThat(sample("local[2]", "sample.output=two")).as(this::log).isZero();

    var one = digests("one");
    assertThat(one).hasSize(5 + 70 + 4).containsKey("run-date=2026-11-24/_SUCCESS");
    assertThat(digests("two")).isEqualTo(one);

    var written = Files.getLastModifiedTime(directory.resolve("one/run-date=2026-11-24/_SUCCESS"));
    assertThat(sample("local[2]", "sample.output=one")).as(this::log).isZero();
    assertThat(log()).contains("nothing is left to do");
    assertThat(Files.getLastModifiedTime(directory.resolve("one/run-date=2026-11-24/_SUCCESS")))
        .isEqualTo(written);
  }

  @Test
  void aMissingModelIsASentenceAndExitCode4() throws Exception {
    assertThat(sample("local[1]", "sample.output=out", "sample.model=none")).isEqualTo(4);
    assertThat(log()).contains("none holds no model").doesNotContain("\tat ");
    assertThat(directory.resolve("out/run-date=2026-11-24")).doesNotExist();
  }

  @Test
  void aWrongSettingIsASentenceAndExitCode2() throws Exception {
    assertThat(sample("local[1]", "sample.output=out", "sample.steps=0")).isEqualTo(2);
    assertThat(log()).contains("sample.steps = 0 (argument)").doesNotContain("\tat ");
  }

  /** By SIGTERM: a process that was started in the background may ignore that of Ctrl-C. */
  @Test
  void anInterruptedRunIsASentence() throws Exception {
    var arguments = new ArrayList<>(RUN);
    arguments.addAll(List.of("sample.output=out", "sample.steps=5000"));
    var process = new JobProcess("sample.sh", directory).start("local[2]", arguments);
    try {
      await().atMost(Duration.ofMinutes(2)).until(() -> log().contains("Making 70 of 70 images"));
      process.destroy();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).as(log()).isEqualTo(143);
    assertThat(log())
        .contains("The process ends before its job is done: by a signal, such as that of Ctrl-C")
        .doesNotContain("ERROR")
        .doesNotContain("\tat ");
    assertThat(directory.resolve("out/run-date=2026-11-24/_SUCCESS")).doesNotExist();
  }

  @Test
  void aCheckEndsBeforeTheRun() throws Exception {
    assertThat(sample("local[1]", "sample.output=out", "--check")).as(this::log).isZero();
    assertThat(directory.resolve("out/run-date=2026-11-24")).doesNotExist();
  }

  private int sample(String master, String... arguments) throws IOException, InterruptedException {
    var all = new ArrayList<>(RUN);
    all.addAll(List.of(arguments));
    return new JobProcess("sample.sh", directory).run(master, all);
  }

  private String log() {
    return new JobProcess("sample.sh", directory).log();
  }

  private Map<String, String> digests(String output) throws IOException {
    return SampleRuns.digests(SampleRuns.files(directory.resolve(output)));
  }
}
