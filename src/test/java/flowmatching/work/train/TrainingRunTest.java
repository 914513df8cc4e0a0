package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import flowmatching.Computes;
import flowmatching.SparkSessionExtension;
import flowmatching.TinyNetwork;
import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Job;
import flowmatching.base.settings.Settings;
import flowmatching.means.data.SmallFashionMnist;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.SmallDisk;
import flowmatching.network.backend.Versions;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a tiny network on a few images of Fashion-MNIST. */
@ExtendWith(SparkSessionExtension.class)
@Computes
class TrainingRunTest {
  @TempDir static Path fashion;

  private SparkSession spark;
  @TempDir private Path folder;

  @BeforeAll
  static void writeDataSet() throws IOException {
    SmallFashionMnist.write(fashion, 128, 128);
  }

  @BeforeEach
  void session(SparkSession session) {
    spark = session;
  }

  @Test
  void writesTheFilesOfTheContractAndLearns() throws IOException {
    Path output = train("run", "train.epochs=3");
    assertThat(output.resolve("run.json")).isNotEmptyFile();
    assertThat(output.resolve("previews")).isDirectoryContaining("glob:**/epoch-0003.png");
    assertThat(output.resolve("checkpoints/epoch-0002")).isNotEmptyDirectory();
    List<JsonNode> metrics = metrics(output);
    assertThat(metrics).extracting(line -> line.get("epoch").asInt()).containsExactly(1, 2, 3);
    assertThat(metrics.get(2).get("validation_loss").asDouble())
        .isLessThan(metrics.get(0).get("validation_loss").asDouble());
    assertThat(metrics.get(2).get("images_per_s").asDouble()).isPositive();
    assertThat(ModelFolder.read(Folder.of(output + "/model", new Configuration())).settings())
        .isEqualTo(settings("run").model());
  }

  @Test
  void theRecordNamesTheVersionsOfTheSoftware() throws IOException {
    JsonNode record =
        new ObjectMapper().readTree(train("run", "train.epochs=1").resolve("run.json").toFile());
    assertThat(record.get("code_version").asText()).isEqualTo(Versions.ofThisBuild().project());
    assertThat(record.at("/numerics/dl4j").asText()).isEqualTo(Versions.ofThisBuild().dl4j());
    assertThat(record.at("/cluster/spark_version").asText()).isEqualTo(spark.version());
  }

  @Test
  void twoRunsOfOneReplicaAreBitEqual() throws IOException {
    Path first = train("first", "train.epochs=2");
    Path second = train("second", "train.epochs=2");
    assertThat(losses(first)).isEqualTo(losses(second));
    assertThat(first.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(second.resolve("model/model.safetensors"));
  }

  @Test
  void aResumedRunHasTheBitsOfAnUninterruptedOne() throws IOException {
    Path whole = train("whole", "train.epochs=3");
    Path resumed = train("resumed", "train.epochs=1");
    Files.writeString(
        resumed.resolve("metrics.jsonl"),
        Files.readString(whole.resolve("metrics.jsonl"))
            .lines()
            .limit(2)
            .reduce("", (a, b) -> a + b + "\n"));
    train("resumed", "train.epochs=2");
    train("resumed", "train.epochs=3");
    assertThat(losses(resumed)).isEqualTo(losses(whole));
    // The first has Adam's moments, the second the number of steps and the digests of all files.
    for (String name : List.of("updater.safetensors", "checkpoint.json")) {
      assertThat(resumed.resolve("checkpoints/epoch-0003").resolve(name))
          .hasSameBinaryContentAs(whole.resolve("checkpoints/epoch-0003").resolve(name));
    }
    assertThat(
            new ObjectMapper()
                .readTree(resumed.resolve("checkpoints/epoch-0003/checkpoint.json").toFile())
                .at("/checkpoint/iteration")
                .asInt())
        .isEqualTo(3 * 64 / 16);
    assertThat(resumed.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model/model.safetensors"));
  }

  @Test
  void theModelHasTheAveragedWeightsAndARunResumesWithBoth() throws Exception {
    String decay = "train.ema-decay=0.9";
    Path plain = train("plain", "train.epochs=2");
    Path whole = train("whole", decay, "train.epochs=2");
    Path resumed = train("resumed", decay, "train.epochs=1");
    train("resumed", decay, "train.epochs=2");

    for (String file :
        List.of("model/model.safetensors", "checkpoints/epoch-0002/updater.safetensors")) {
      assertThat(resumed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
    Folder epoch = Folder.of(whole + "/checkpoints/epoch-0002", new Configuration());
    TrainingState state = new StoredCheckpoint(epoch, 2, settings("whole").model()).read().state();
    assertThat(state.values(Slot.PARAMETERS)).isEqualTo(weights(plain));
    assertThat(state.values(Slot.AVERAGE)).isEqualTo(weights(whole)).isNotEqualTo(weights(plain));
    assertThat(metrics(whole).get(1).get("loss")).isEqualTo(metrics(plain).get(1).get("loss"));
    assertThat(metrics(whole).get(1).get("validation_loss"))
        .isNotEqualTo(metrics(plain).get(1).get("validation_loss"));
    JsonNode record = new ObjectMapper().readTree(whole.resolve("run.json").toFile());
    assertThat(record.get("model_weights").asText()).isEqualTo("averaged");
    assertThatThrownBy(() -> train("whole", "train.ema-decay=0.5", "train.epochs=3"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("ema-decay is 0.9 there and 0.5 now");
  }

  @Test
  void aRunStartsFromATrainedNetworkAndNeedsItUntilItsFirstWholeCheckpoint() throws IOException {
    Path first = train("first", "train.epochs=1");
    String initial = "train.initial-weights=" + first.resolve("model");
    // So small that four steps change no weight by more than 1e-5.
    String small = "train.learning-rate=1e-6";
    Path second = train("second", initial, small, "train.epochs=1");
    assertThat(weights(second)).containsExactly(weights(first), offset(1e-5f));

    Path moved = Files.move(first.resolve("model"), first.resolve("moved"));
    String atNewPlace = "train.initial-weights=" + moved;
    TrainingRun.prepare(spark, settings("second", atNewPlace, small, "train.epochs=2")).close();
    String other = "train.initial-weights=" + second.resolve("model");
    assertThatThrownBy(() -> train("second", other, small, "train.epochs=2"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.initial-weights is the network ");
    train("second", initial, small, "train.epochs=2");
    assertThat(metrics(second)).hasSize(2);

    delete(second.resolve("checkpoints/epoch-0002"));
    Files.delete(second.resolve("checkpoints/epoch-0001/checkpoint.json"));
    // As after an interruption before the first checkpoint was whole.
    Files.delete(second.resolve("model/model.json"));
    Files.writeString(second.resolve("metrics.jsonl"), "{\"epoch\":1}\n");
    assertThatThrownBy(
            () -> TrainingRun.prepare(spark, settings("second", initial, small, "train.epochs=2")))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.initial-weights: ")
        .hasMessageContaining("holds no model");
  }

  private static float[] weights(Path output) {
    return ModelFolder.read(Folder.of(output + "/model", new Configuration())).parameters();
  }

  @Test
  void initialWeightsOfAnotherNetworkAreRefused() {
    assertThatThrownBy(
            () ->
                TrainingRun.prepare(
                    spark, settings("run", "train.initial-weights=shipped:fashion-mnist")))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.initial-weights is shipped:fashion-mnist")
        .hasMessageContaining("channels is [32,64,128] there and [8,16] now");
  }

  @Test
  void aFinishedRunIsLeftAsItIs() throws IOException {
    Path output = train("run", "train.epochs=1");
    byte[] before = Files.readAllBytes(output.resolve("metrics.jsonl"));
    train("run", "train.epochs=1");
    assertThat(output.resolve("metrics.jsonl")).hasBinaryContent(before);
  }

  @Test
  void aTruncatedCheckpointIsSkipped() throws IOException {
    Path whole = train("whole", "train.epochs=2");
    Path torn = train("torn", "train.epochs=2");
    Path weights = torn.resolve("checkpoints/epoch-0002/updater.safetensors");
    Files.write(weights, new byte[] {1, 2, 3});
    Files.delete(torn.resolve("model/model.safetensors"));
    train("torn", "train.epochs=2");
    assertThat(losses(torn)).isEqualTo(losses(whole));
    assertThat(torn.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model/model.safetensors"));
  }

  @Test
  void aCheckpointOfAnotherRunIsRefused() throws IOException {
    Path output = train("run", "train.epochs=1");
    Path other = train("other", "train.epochs=1", "train.seed=77");
    delete(output.resolve("checkpoints"));
    Files.move(other.resolve("checkpoints"), output.resolve("checkpoints"));
    assertTheCheckAloneRefuses(output, "epoch-0001 is whole, but belongs to another run");
  }

  @Test
  void ifNoCheckpointCanBeRestoredNothingIsChanged() throws IOException {
    Path output = train("run", "train.epochs=2");
    for (int epoch = 1; epoch <= 2; epoch++) {
      Path marker = output.resolve("checkpoints/epoch-000%d/checkpoint.json".formatted(epoch));
      Files.writeString(marker, Files.readString(marker).replace("iteration", "steps_done"));
    }
    assertTheCheckAloneRefuses(output, "epoch-0001: checkpoint.json was changed");
  }

  @Test
  void aRunWhoseCheckpointsWereRemovedIsNotTrainedOver() throws IOException {
    Path output = train("run", "train.epochs=2");
    for (int epoch = 1; epoch <= 2; epoch++) {
      Files.delete(output.resolve("checkpoints/epoch-000%d/checkpoint.json".formatted(epoch)));
    }
    assertTheCheckAloneRefuses(output, "has the model of a run, and no checkpoint");
    Files.delete(output.resolve("model/model.json"));
    Path metrics = output.resolve("metrics.jsonl");
    String lines = Files.readString(metrics);
    Files.delete(metrics);
    assertTheCheckAloneRefuses(output, "has traces of 2 epochs of a run, and no checkpoint");
    Files.writeString(metrics, lines);
    delete(output.resolve("checkpoints"));
    assertTheCheckAloneRefuses(output, "has traces of 2 epochs of a run, and no checkpoint");
    Files.delete(output.resolve("run.json"));
    assertTheCheckAloneRefuses(output, "has files of a run and no run.json");
  }

  private void assertTheCheckAloneRefuses(Path output, String reason) throws IOException {
    Map<Path, String> before = contents(output);
    assertThatThrownBy(() -> TrainingRun.prepare(spark, settings("run", "train.epochs=3")))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining(reason)
        .hasMessageContaining("give another train.output");
    assertThat(contents(output)).isEqualTo(before);
  }

  @Test
  void aLineOfAnotherVersionStaysAndHalfALineIsRemoved() throws IOException {
    Path output = train("run", "train.epochs=2");
    Path file = output.resolve("metrics.jsonl");
    List<String> lines = Files.readAllLines(file);
    String other =
        lines.get(0).replace("{", "{ \"temperature\" : 1.50, ").replace("\"loss\"", "\"l\"");
    Files.writeString(file, other + "\n" + lines.get(1) + "\n" + lines.get(1).substring(0, 20));
    train("run", "train.epochs=3");
    assertThat(Files.readAllLines(file)).hasSize(3).startsWith(other, lines.get(1));
  }

  @Test
  void aRunResumesAfterItsDataHasMoved() throws IOException {
    Path first = Files.createDirectory(folder.resolve("first"));
    SmallFashionMnist.write(first, 64, 64);
    train("run", "data.path=" + first, "train.epochs=1");
    Path moved = Files.move(first, folder.resolve("moved"));
    assertThat(metrics(train("run", "data.path=" + moved, "train.epochs=2"))).hasSize(2);
  }

  @Test
  void aResumedRunMayKeepOtherCheckpoints() {
    Path output = train("run", "train.epochs=2", "train.checkpoint.keep-last=1");
    assertThat(output.resolve("checkpoints")).isDirectoryNotContaining("glob:**/epoch-0001");
    train("run", "train.epochs=3", "train.checkpoint.keep-last=2");
    assertThat(output.resolve("checkpoints"))
        .isDirectoryContaining("glob:**/epoch-0002")
        .isDirectoryContaining("glob:**/epoch-0003");
  }

  @Test
  void aFullDiskEndsTheRunAndWithSpaceItResumes() throws IOException {
    Path whole = train("whole", "train.epochs=3");
    long checkpoint = size(whole.resolve("checkpoints/epoch-0001"));
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Path output = disk.resolve("run");
    String[] arguments = {"train.epochs=3", "train.output=small:" + output};

    // One checkpoint, and the weights of another, but not its moments.
    SmallDisk.mount(hadoop(), disk, checkpoint * 3 / 2);
    assertThatThrownBy(() -> train("run", arguments))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("epoch-0002/updater.safetensors cannot be written: No space left")
        .hasMessageContaining("run/checkpoints stay: after the fix, the same command resumes");
    assertThat(output.resolve("checkpoints/epoch-0001/checkpoint.json")).exists();
    assertThat(output.resolve("checkpoints/epoch-0002"))
        .isDirectoryNotContaining("glob:**/checkpoint.json")
        .isDirectoryNotContaining("glob:**/*updater.safetensors*");
    assertThatThrownBy(() -> TrainingRun.prepare(spark, settings("run", arguments)))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("MB free for small:")
        .hasMessageContaining("free space there");

    SmallDisk.mount(hadoop(), disk, checkpoint * 6);
    train("run", arguments);
    assertThat(losses(output)).isEqualTo(losses(whole));
    assertThat(output.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model/model.safetensors"));
  }

  @Test
  void aFinishedRunNeedsNoFolderThatCanBeWrittenTo() throws IOException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Path output = disk.resolve("run");
    String place = "train.output=small:" + output;
    SmallDisk.mount(hadoop(), disk, 1 << 20);
    train("run", place, "train.epochs=1");
    Map<Path, String> before = contents(output);

    SmallDisk.mount(hadoop(), disk, 0);
    train("run", place, "train.epochs=1");
    assertThat(contents(output)).isEqualTo(before);
    assertIsRefusedAsFull(place, "train.epochs=2");
    assertIsRefusedAsFull(place, "train.epochs=1", "train.resume=never");
    assertThatThrownBy(() -> train("run", place, "train.epochs=1", "train.seed=77"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.seed");

    Path page = output.resolve("report/index.html");
    Path kept = Files.move(page, folder.resolve("page"));
    assertIsRefusedAsFull(place, "train.epochs=1");
    Files.move(kept, page);
    Files.delete(output.resolve("model/model.json"));
    assertIsRefusedAsFull(place, "train.epochs=1");
  }

  private void assertIsRefusedAsFull(String... arguments) {
    assertThatThrownBy(() -> train("run", arguments))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("run cannot be written to: No space left on device");
  }

  @Test
  void foldersInTheOutputThatCannotBeWrittenToAreRefusedBeforeTheRun() throws IOException {
    Path output = Files.createDirectory(folder.resolve("run"));
    for (String name : List.of("checkpoints", "previews", "model", "report")) {
      Path blocked = Files.writeString(output.resolve(name), "not a folder");
      assertThatThrownBy(() -> TrainingRun.prepare(spark, settings("run")))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("run/%s cannot be written to: ", name);
      Files.delete(blocked);
    }
  }

  @Test
  void theCheckReportsAFullDisk() throws IOException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    String output = "train.output=small:" + disk.resolve("run");
    SmallDisk.mount(hadoop(), disk, 0);
    assertThatThrownBy(() -> TrainingRun.prepare(spark, settings("run", output)))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("run cannot be written to: No space left on device");
    SmallDisk.mount(hadoop(), disk, 1_000);
    assertThatThrownBy(() -> TrainingRun.prepare(spark, settings("run", output)))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("a checkpoint takes 0.");
  }

  @Test
  @Computes(replicas = 2)
  void twoReplicasLearnAsOneDoes() throws IOException {
    Path one = train("one", "train.epochs=2");
    Path two = train("two", "train.epochs=2", "train.workers=2");
    double loss = metrics(one).get(1).get("validation_loss").asDouble();
    assertThat(metrics(two).get(1).get("validation_loss").asDouble())
        .isCloseTo(loss, withPercentage(2));
    assertThat(metrics(two)).allMatch(line -> line.get("replicas").asInt() == 2);
  }

  @Test
  void fewerEpochsThanAreDoneAreRefused() {
    train("run", "train.epochs=2");
    assertThatThrownBy(() -> train("run", "train.epochs=1"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("trained for 2 epochs, and train.epochs is 1");
  }

  @Test
  void checkpointsWithoutTheRecordOfTheirRunAreRefused() throws IOException {
    Path output = train("run", "train.epochs=1");
    Files.delete(output.resolve("run.json"));
    assertThatThrownBy(() -> train("run", "train.epochs=1"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("no run.json");
  }

  @Test
  void anotherRunsFolderIsRefusedByTheCheckAlone() {
    train("run", "train.epochs=1");
    Settings other = settings("run", "train.epochs=1", "train.learning-rate=2e-3");
    assertThatThrownBy(() -> TrainingRun.prepare(spark, other))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.learning-rate")
        .hasMessageContaining("0.002");
  }

  @Test
  void aFolderWithARunIsRefusedIfResumeIsNever() {
    train("run", "train.epochs=1");
    assertThatThrownBy(() -> train("run", "train.epochs=1", "train.resume=never"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("train.resume is never");
  }

  @Test
  void aBatchLargerThanTheDataIsRefused() {
    assertThatThrownBy(() -> train("run", "data.limit=8"))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("train.batch-size is 16")
        .hasMessageContaining("8 images");
  }

  @Test
  void imagesOfAnotherShapeAreRefused() {
    assertThatThrownBy(() -> train("run", "model.image.height=32"))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("set model.image");
  }

  @Test
  void aSecondRunInAFolderIsRefusedAndChangesNothing() throws IOException {
    Path output = train("run", "train.epochs=1");
    try (TrainingRun first = TrainingRun.prepare(spark, settings("run", "train.epochs=2"))) {
      String metrics = Files.readString(output.resolve("metrics.jsonl"));
      assertThatThrownBy(() -> train("run", "train.epochs=2"))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("Another process writes to ")
          .hasMessageContaining("TrainJob of process " + ProcessHandle.current().pid());
      assertThat(output.resolve("metrics.jsonl")).content().isEqualTo(metrics);
      first.train();
    }
    assertThat(metrics(output)).extracting(line -> line.get("epoch").asInt()).containsExactly(1, 2);
    assertThat(output.resolve("_lease.json")).doesNotExist();
  }

  @Test
  void aRunThatFailsItsCheckReturnsTheLease() throws IOException {
    Path output = train("run", "train.epochs=1");
    assertThatThrownBy(() -> train("run", "train.resume=never")).isInstanceOf(DataFailure.class);
    assertThat(output.resolve("_lease.json")).doesNotExist();
  }

  @Test
  void aRunWhoseLeaseWasTakenOverStopsWriting() throws IOException {
    Path output = folder.resolve("run");
    try (TrainingRun run = TrainingRun.prepare(spark, settings("run", "train.epochs=1"))) {
      Path lease = output.resolve("_lease.json");
      Files.writeString(
          lease,
          Files.readString(lease).replaceFirst("\"token\" : \"[0-9]*", "\"token\" : \"other"));
      assertThatThrownBy(run::train)
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("is no longer this run's: it was taken over by ");
    }
    assertThat(output.resolve("metrics.jsonl")).doesNotExist();
    assertThat(output.resolve("checkpoints")).doesNotExist();
    assertThat(output.resolve("_lease.json")).exists();
  }

  @Test
  void anOutputThatCannotBeWrittenIsRefused() throws IOException {
    Files.writeString(folder.resolve("file"), "not a folder");
    assertThatThrownBy(() -> train("file/run"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("cannot be written");
  }

  private Path train(String name, String... arguments) {
    try (TrainingRun run = TrainingRun.prepare(spark, settings(name, arguments))) {
      run.train();
    }
    return folder.resolve(name);
  }

  private Settings settings(String name, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.path=" + fashion,
                "data.limit=64",
                TinyNetwork.MODEL,
                "train.output=" + folder.resolve(name),
                "train.batch-size=16",
                "train.workers=1",
                "train.validation.limit=64",
                "train.preview.count=4",
                "train.preview.steps=2"));
    all.addAll(List.of(arguments));
    return Settings.read(Job.TRAIN, LocalDate.of(2026, 11, 25), List.of(), all);
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  private static void delete(Path tree) throws IOException {
    try (var files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Map<Path, String> contents(Path tree) throws IOException {
    Map<Path, String> contents = new TreeMap<>();
    try (var files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file, DigestUtils.sha256Hex(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static long size(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static List<JsonNode> metrics(Path output) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static List<List<Double>> losses(Path output) throws IOException {
    return metrics(output).stream()
        .map(line -> List.of(line.get("loss").asDouble(), line.get("validation_loss").asDouble()))
        .toList();
  }

  @Test
  void splitsOfDifferentShapesAreRefusedWithoutAdviceThatFitsOnlyOne() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    SmallFashionMnist.write(data, 64, 64);
    byte[] images = new byte[16 + 64 * 32 * 32];
    ByteBuffer.wrap(images).putInt(0x803).putInt(64).putInt(32).putInt(32);
    Files.write(data.resolve("t10k-images-idx3-ubyte"), images);

    assertThatThrownBy(() -> train("shapes", "data.path=" + data))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("The test images in file:" + data + " are 1x32x32")
        .hasMessageContaining("but the train images are 1x28x28")
        .hasMessageNotContaining("model.image");
  }
}
