package flowmatching.work.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.CapturedLog;
import flowmatching.Computes;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.format.Json;
import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.model.TinyModel;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.ObjectStore;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.train.StoredCheckpoint.Checkpoint;
import flowmatching.work.train.StoredCheckpoint.Restored;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of a tiny network with one step per epoch. */
@Computes
class CheckpointsTest {
  private static final TrainSettings.Checkpoint ALL = new TrainSettings.Checkpoint(1000, 0);

  private static final String RUN = "a".repeat(64);

  @TempDir private Path directory;

  @Test
  void theLastOneRestoresParametersMomentsAndStep() {
    TrainingState written = write(ALL, 1, 2, 3);

    Restored restored = checkpoints(ALL).restoreLast().orElseThrow();
    assertThat(restored.checkpoint().epoch()).isEqualTo(3);
    assertSame(restored.state(), written);
    assertThat(restored.state().step()).isEqualTo(3);
    assertSame(step(restored.state()), step(written));
  }

  @Test
  void averagesAreRestoredBesideTheParametersAndAreTheModel() {
    TrainingState plain = write(ALL);
    float[] average = plain.values(Slot.PARAMETERS).clone();
    average[0] += 1;
    Map<Slot, float[]> slots = new EnumMap<>(plain.slots());
    slots.put(Slot.AVERAGE, average);
    TrainingState averaged = new TrainingState(plain.layout(), slots, 7);
    Checkpoints checkpoints = new Checkpoints(folder(), TinyModel.settings(1), ALL, RUN, true);
    checkpoints.write(1, averaged);

    assertSame(checkpoints.restoreLast().orElseThrow().state(), averaged);
    assertThat(ModelFolder.read(folder().child("epoch-0001")).parameters()).isEqualTo(average);
  }

  @Test
  void checkpointsMayBeInAnObjectStore() {
    var configuration = new Configuration();
    configuration.setClass("fs.s3a.impl", ObjectStore.class, FileSystem.class);
    Folder folder = Folder.of("s3a://bucket-%s/run".formatted(UUID.randomUUID()), configuration);
    var kept = new TrainSettings.Checkpoint(2, 0);
    Checkpoints checkpoints = new Checkpoints(folder, TinyModel.settings(1), kept, RUN, false);
    TrainingState state = start(1);
    for (int epoch = 1; epoch <= 3; epoch++) {
      state = step(state);
      checkpoints.write(epoch, state);
    }

    assertThat(folder.list()).containsExactly("epoch-0002", "epoch-0003");
    folder.child("epoch-0003").delete("updater.safetensors");
    assertThat(checkpoints.restoreLast().orElseThrow().checkpoint().iteration()).isEqualTo(2);
  }

  @Test
  void withoutOneThereIsNothingToRestore() throws IOException {
    Files.createDirectories(directory.resolve("checkpoints/notes"));
    assertThat(checkpoints(ALL).restoreLast()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 7", "3, 0, 5 6 7", "2, 3, 3 6 7", "1, 7, 7", "9, 0, 1 2 3 4 5 6 7"})
  void theLastOnesStayAndThoseOfEveryNEpochs(int last, int every, String epochs) {
    write(new TrainSettings.Checkpoint(last, every), 1, 2, 3, 4, 5, 6, 7);
    assertThat(folder().list())
        .isEqualTo(
            Arrays.stream(epochs.split(" "))
                .map(epoch -> RunFiles.epoch(Integer.parseInt(epoch)))
                .toList());
  }

  @Test
  void epochsBeyondFourDigitsAreTheLastOnes() {
    write(ALL, 9_999, 10_000, 100_000);
    assertThat(checkpoints(ALL).restoreLast())
        .map(last -> last.checkpoint().epoch())
        .contains(100_000);
  }

  @Test
  void otherFoldersAreNeverRemoved() throws IOException {
    Files.createDirectories(directory.resolve("checkpoints/epoch-0001-mine"));
    write(new TrainSettings.Checkpoint(1, 0), 1, 2);
    assertThat(folder().list()).containsExactly("epoch-0001-mine", "epoch-0002");
  }

  @Test
  void theOthersStayUntilTheNewOneIsWhole() {
    var kept = new TrainSettings.Checkpoint(1, 0);
    TrainingState state = write(kept, 1);
    assertThatThrownBy(() -> checkpoints(kept).write(2, diverged(state)))
        .isInstanceOf(RunFailure.class);

    assertThat(checkpoints(kept).restoreLast()).map(last -> last.checkpoint().epoch()).contains(1);
  }

  @Test
  void aHalfRemovedFolderIsNotACheckpoint() {
    write(ALL, 1, 2);
    var configuration = new Configuration();
    configuration.setClass("fs.file.impl", KeepsFolders.class, FileSystem.class);
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    try (CapturedLog log = new CapturedLog(Checkpoints.class)) {
      checkpoints(configuration, new TrainSettings.Checkpoint(1, 0)).write(3, start(1));
      assertThat(log.messages())
          .hasSize(2)
          .anyMatch(message -> message.contains("epoch-0001 cannot be removed: the disk is slow"));
    }

    assertThat(folder().list()).containsExactly("epoch-0001", "epoch-0002", "epoch-0003");
    assertThat(folder().child("epoch-0002").list())
        .containsExactly("model.json", "model.safetensors", "updater.safetensors");
    folder().delete("epoch-0003");
    assertThat(checkpoints(ALL).restoreLast()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"checkpoint.json", "model.json", "model.safetensors", "updater.safetensors"})
  void aTruncatedOneIsSkippedWithAWarning(String name) throws IOException {
    write(ALL, 1, 2);
    Path file = directory.resolve("checkpoints/epoch-0002").resolve(name);
    byte[] whole = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertTheFirstIsTaken();
    Files.write(file, new byte[0]);
    assertTheFirstIsTaken();
    Files.writeString(file, "{\"epoch\" : 2, \"weights\" : [[[");
    assertTheFirstIsTaken();
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(file, flipped);
    assertTheFirstIsTaken();
    Files.delete(file);
    assertTheFirstIsTaken();
    Files.createDirectory(file);
    assertTheFirstIsTaken();
  }

  @Test
  void aChangeOfAnyByteOfTheMarkerIsFound() throws IOException {
    write(ALL, 2);
    Path marker = directory.resolve("checkpoints/epoch-0002/checkpoint.json");
    byte[] whole = Files.readAllBytes(marker);
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= 1;
      Files.write(marker, flipped);
      assertThatThrownBy(() -> checkpoints(ALL).restoreLast())
          .as("byte %d", i)
          .isInstanceOf(DataFailure.class)
          .hasMessageMatching("(?s)None of the checkpoints in .*|.* has format version 3, .*");
    }
  }

  @Test
  void ifNoneCanBeRestoredTheRunEndsWithTheReasonOfEach() throws IOException {
    write(ALL, 1, 2);
    Path epochs = directory.resolve("checkpoints");
    Files.writeString(epochs.resolve("epoch-0001/checkpoint.json"), "{}");
    Files.write(epochs.resolve("epoch-0002/updater.safetensors"), new byte[] {1, 2, 3});

    assertThatThrownBy(() -> checkpoints(ALL).restoreLast())
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("None of the checkpoints in file:")
        .hasMessageContaining("epoch-0001: checkpoint.json was changed")
        .hasMessageContaining("epoch-0002: updater.safetensors is not as it was written")
        .hasMessageContaining("give another train.output");
    assertThat(folder().list()).containsExactly("epoch-0001", "epoch-0002");
  }

  @Test
  void deniedAccessIsNotDamage() {
    write(ALL, 1, 2);
    var configuration = new Configuration();
    configuration.setClass("fs.file.impl", DeniesUpdaters.class, FileSystem.class);
    configuration.setBoolean("fs.file.impl.disable.cache", true);

    assertThatThrownBy(() -> checkpoints(configuration, ALL).restoreLast())
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("epoch-0002/updater.safetensors cannot be read")
        .hasMessageContaining("Permission denied");
  }

  @Test
  void aWholeOneOfAnotherVersionEndsTheRun() {
    write(ALL, 1, 2);
    Folder epoch = folder().child("epoch-0002");
    Checkpoint now =
        Json.parse(epoch.read("checkpoint.json", 1 << 20), StoredCheckpoint.Marker.class, "test")
            .checkpoint();
    // The moments of all parameters as one tensor, as they once were.
    byte[] updater =
        SafeTensors.write(
            List.of(new NamedTensor("state", List.of(2L), new float[] {0, 0})), Map.of());
    epoch.write("updater.safetensors", updater);
    Checkpoint then =
        new Checkpoint(
            2,
            now.iteration(),
            now.modelSha256(),
            RUN,
            updater.length,
            DigestUtils.sha256Hex(updater));
    epoch.write("checkpoint.json", Json.file(StoredCheckpoint.Marker.of(then)));

    assertThatThrownBy(() -> checkpoints(ALL).restoreLast())
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("another version of this program wrote it")
        .hasMessageContaining("another train.output");
  }

  @Test
  void oneOfANewerFormatEndsTheRun() throws IOException {
    write(ALL, 1, 2);
    Path marker = directory.resolve("checkpoints/epoch-0002/checkpoint.json");
    Files.writeString(marker, "{\"format_version\" : 3, \"other\" : []}");

    assertThatThrownBy(() -> checkpoints(ALL).restoreLast())
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("epoch-0002/checkpoint.json has format version 3")
        .hasMessageContaining("a newer version of this program wrote it");
  }

  @Test
  void oneWithMoreKeysThanThisVersionReadsIsRestored() throws IOException {
    write(ALL, 1, 2);
    changeCheckpoint(
        checkpoint -> checkpoint.put("average", 1.0E-9).putArray("files").add("ema.safetensors"));
    assertThat(checkpoints(ALL).restoreLast()).map(last -> last.checkpoint().epoch()).contains(2);
  }

  @Test
  void aWholeOneWithoutAKeyThatThisVersionReadsIsNotCalledDamaged() throws IOException {
    write(ALL, 1, 2);
    changeCheckpoint(checkpoint -> checkpoint.set("steps", checkpoint.remove("iteration")));
    assertThatThrownBy(() -> checkpoints(ALL).restoreLast())
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("epoch-0002/checkpoint.json is as it was written")
        .hasMessageContaining("another version of this program wrote it")
        .hasMessageNotContaining("damaged");
  }

  /** As another program of the first version would write the marker of epoch 2. */
  private void changeCheckpoint(Consumer<ObjectNode> change) throws IOException {
    Path file = directory.resolve("checkpoints/epoch-0002/checkpoint.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode marker = (ObjectNode) json.readTree(file.toFile());
    ObjectNode checkpoint = (ObjectNode) marker.get("checkpoint");
    change.accept(checkpoint);
    marker
        .put("format_version", 1)
        .put("note", "later")
        .put("sha256", DigestUtils.sha256Hex(json.writeValueAsBytes(checkpoint)));
    Files.write(file, json.writerWithDefaultPrettyPrinter().writeValueAsBytes(marker));
  }

  @Test
  void oneOfARunWithoutAveragedWeightsEndsARunWithThem() {
    write(ALL, 1);
    Checkpoints averaged = new Checkpoints(folder(), TinyModel.settings(1), ALL, RUN, true);
    assertThatThrownBy(averaged::check)
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("epoch-0001 is whole, but belongs to another run")
        .hasMessageContaining("that run is without averaged weights (train.ema-decay)");
  }

  @Test
  void oneOfAnotherRunEndsTheRun() {
    write(ALL, 1);
    Checkpoints ofAnother =
        new Checkpoints(folder(), TinyModel.settings(1), ALL, "b".repeat(64), false);
    assertThatThrownBy(ofAnother::check)
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("epoch-0001 is whole, but belongs to another run")
        .hasMessageContaining("it has the run_sha256 aaaaaaaa")
        .hasMessageContaining("and this run bbbbbbbb")
        .hasMessageContaining("train.initial-weights");
  }

  /** As versions wrote them that had no digest of a run. */
  @Test
  void oneWithoutADigestIsRestoredInARunWithoutOneAlone() throws IOException {
    write(ALL, 1, 2);
    changeCheckpoint(checkpoint -> checkpoint.remove("run_sha256"));
    assertThatThrownBy(() -> checkpoints(ALL).restoreLast())
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("belongs to another run: it has no run_sha256, and this run aaaaaa");
    assertThat(ofAnEarlierVersion().restoreLast())
        .map(last -> last.checkpoint().epoch())
        .contains(2);
  }

  private Checkpoints ofAnEarlierVersion() {
    return new Checkpoints(folder(), TinyModel.settings(1), ALL, "", false);
  }

  @Test
  void aRunWithoutADigestRestoresAny() {
    write(ALL, 1);
    assertThat(ofAnEarlierVersion().restoreLast()).isPresent();
  }

  @Test
  void oneOfAnotherNetworkEndsTheRun() {
    write(ALL, 1);
    Checkpoints ofColours = new Checkpoints(folder(), TinyModel.settings(3), ALL, RUN, false);
    assertThatThrownBy(ofColours::check)
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("epoch-0001 is whole, but its network differs")
        .hasMessageContaining("image.channels is 1 there and 3 now");
  }

  @Test
  void theFilesOfAnotherEpochAreRefused() throws IOException {
    write(ALL, 1, 2);
    Path epochs = directory.resolve("checkpoints");
    Files.move(epochs.resolve("epoch-0002"), epochs.resolve("epoch-0005"));
    assertTheFirstIsTaken();
    Files.move(epochs.resolve("epoch-0005"), epochs.resolve("epoch-0002"));
    Files.copy(
        epochs.resolve("epoch-0001/updater.safetensors"),
        epochs.resolve("epoch-0002/updater.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    assertTheFirstIsTaken();
  }

  @Test
  void aNewAttemptRemovesTheFilesOfAnEarlierOne() throws IOException {
    write(ALL, 1);
    Path torn = Files.createDirectories(directory.resolve("checkpoints/epoch-0002/deep"));
    Files.writeString(torn.resolve("left"), "behind");
    Files.writeString(torn.resolveSibling(".updater.safetensors.5d2c.tmp"), "half");
    Files.writeString(torn.resolveSibling("checkpoint.json"), "{");
    write(ALL, 2);

    assertThat(folder().child("epoch-0002").list())
        .containsExactly(
            "checkpoint.json", "model.json", "model.safetensors", "updater.safetensors");
    assertThat(torn.resolveSibling(".updater.safetensors.5d2c.tmp")).doesNotExist();
    assertThat(checkpoints(ALL).restoreLast()).map(last -> last.checkpoint().epoch()).contains(2);
  }

  @Test
  void theMarkerOfAnEarlierAttemptIsRemovedFirst() {
    TrainingState state = write(ALL, 1);
    assertThatThrownBy(() -> checkpoints(ALL).write(1, diverged(state)))
        .isInstanceOf(RunFailure.class);
    assertThat(folder().child("epoch-0001").exists("checkpoint.json")).isFalse();
  }

  private void assertTheFirstIsTaken() {
    Restored restored;
    try (CapturedLog log = new CapturedLog(Checkpoints.class)) {
      restored = checkpoints(ALL).restoreLast().orElseThrow();
      assertThat(restored.checkpoint().epoch()).isEqualTo(1);
      assertThat(log.messages()).singleElement().asString().startsWith("Skipping ");
    }
    assertSame(restored.state(), step(start(1)));
  }

  private static void assertSame(TrainingState found, TrainingState expected) {
    assertThat(found.slots().keySet()).isEqualTo(expected.slots().keySet());
    found
        .slots()
        .forEach(
            (slot, values) -> assertThat(values).as("%s", slot).isEqualTo(expected.values(slot)));
    assertThat(found.step()).isEqualTo(expected.step());
  }

  /** Writes the checkpoints of some epochs, with a step of training before each. */
  private TrainingState write(TrainSettings.Checkpoint kept, int... epochs) {
    TrainingState state = start(1);
    for (int epoch : epochs) {
      state = step(state);
      checkpoints(kept).write(epoch, state);
    }
    return state;
  }

  private Folder folder() {
    return Folder.of(directory.resolve("checkpoints").toString(), new Configuration());
  }

  private Checkpoints checkpoints(TrainSettings.Checkpoint kept) {
    return checkpoints(new Configuration(), kept);
  }

  private Checkpoints checkpoints(Configuration configuration, TrainSettings.Checkpoint kept) {
    Folder folder = Folder.of(directory.resolve("checkpoints").toString(), configuration);
    return new Checkpoints(folder, TinyModel.settings(1), kept, RUN, false);
  }

  private static TrainingState start(long seed) {
    return TrainingState.initial(
        UNet.layout(TinyModel.settings(1)), TinyModel.parameters(1, seed), false);
  }

  private static TrainingState diverged(TrainingState state) {
    state.values(Slot.PARAMETERS)[TinyModel.place(1, "conv_in.bias")] = Float.NaN;
    return state;
  }

  /** A step along a gradient that differs for each parameter; it changes the state. */
  private static TrainingState step(TrainingState state) {
    float[] gradient = new float[state.layout().length()];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) Math.sin(i + state.step());
    }
    return new Adam(LearningRate.constant(1e-3)).step(state, gradient, 1);
  }

  /** Local files whose folders of epochs cannot be removed. */
  public static final class KeepsFolders extends RawLocalFileSystem {
    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
      if (IntStream.of(1, 2).mapToObj(RunFiles::epoch).anyMatch(path.getName()::equals)) {
        throw new IOException("the disk is slow");
      }
      return super.delete(path, recursive);
    }
  }

  /** Local files with denied access to Adam's moments. */
  public static final class DeniesUpdaters extends RawLocalFileSystem {
    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      if (path.getName().equals("updater.safetensors")) {
        throw new FileNotFoundException(path.toUri().getPath() + " (Permission denied)");
      }
      return super.open(path, bufferSize);
    }
  }
}
