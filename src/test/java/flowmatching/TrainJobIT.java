package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged job, in processes of its own, started as a user starts it. */
@Computes
class TrainJobIT {
  private static final List<String> RUN =
      List.of(
          "data.limit=128",
          TinyNetwork.MODEL,
          "train.epochs=1",
          "train.batch-size=32",
          "train.validation.limit=64",
          "train.preview.count=4",
          "train.preview.steps=2");

  @TempDir Path directory;

  @Test
  @Computes(replicas = 2)
  void trainsWithTwoReplicasAndItsModelDrawsImages() throws Exception {
    assertThat(train("local[2]", "train.output=run")).as(this::log).isZero();
    assertThat(log()).contains("2 x 16 images per step").contains("epoch 1/1");
    assertThat(directory.resolve("run/checkpoints/epoch-0001/checkpoint.json")).exists();
    assertThat(directory.resolve("run/metrics.jsonl")).isNotEmptyFile();

    var samples =
        List.of("sample.model=run/model", "sample.output=out", "sample.count=4", "sample.steps=2");
    assertThat(new JobProcess("sample.sh", directory).run("local[2]", samples))
        .as(this::log)
        .isZero();
  }

  @Test
  void aReplicaComputesWithAsManyThreadsAsItsTaskHasCores() throws Exception {
    var job = new JobProcess("train.sh", directory, List.of("--conf", "spark.task.cpus=2"));
    var arguments = new ArrayList<>(RUN);
    arguments.add("train.output=run");
    assertThat(job.run("local[2]", arguments)).as(this::log).isZero();
    assertThat(log()).contains("1 x 32 images per step");
    assertThat(directory.resolve("run/run.json"))
        .content()
        .contains("\"replicas\" : 1", "\"threads\" : 2");
  }

  @Test
  void missingImagesAreASentenceAndExitCode4() throws Exception {
    assertThat(train("local[1]", "train.output=run", "data.path=none")).isEqualTo(4);
    assertThat(log()).contains("train-images-idx3-ubyte").doesNotContain("\tat ");
  }

  @Test
  void anOutputThatCannotBeWrittenIsASentenceAndExitCode3() throws Exception {
    Files.writeString(directory.resolve("file"), "not a folder");
    assertThat(train("local[1]", "train.output=file/run")).isEqualTo(3);
    assertThat(log()).contains("cannot be written to").doesNotContain("\tat ");
  }

  @Test
  void aMasterThatIsNoneIsASentenceAndExitCode3() throws Exception {
    assertThat(train("local[x]", "train.output=run")).isEqualTo(3);
    assertThat(log())
        .contains("The master is 'local[x]' (MASTER or --master): it must be local[*]")
        .doesNotContain("\tat ");
  }

  @Test
  void anUnknownKeyIsASentenceAndExitCode2() throws Exception {
    assertThat(train("local[1]", "train.output=run", "train.epoch=2")).isEqualTo(2);
    assertThat(log()).contains("train.epochs").doesNotContain("\tat ");
  }

  @Test
  void aCheckLeavesNothing() throws Exception {
    assertThat(train("local[1]", "train.output=run", "--check")).as(this::log).isZero();
    assertThat(directory.resolve("run/run.json")).doesNotExist();
    assertThat(directory.resolve("run/checkpoints")).doesNotExist();
  }

  private int train(String master, String... arguments) throws IOException, InterruptedException {
    var all = new ArrayList<>(RUN);
    all.addAll(List.of(arguments));
    return new JobProcess("train.sh", directory).run(master, all);
  }

  private String log() {
    return new JobProcess("train.sh", directory).log();
  }
}
