package flowmatching.work.train;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.base.format.Sha256;
import flowmatching.base.settings.ModelSettings;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.train.Checkpoints.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A checkpoint as it lies in its folder. Its digests tell whether it is what was written. One that
 * is whole and cannot be used is never passed over, since the epochs after it would be lost.
 *
 * @param epoch that the folder's name says
 * @param settings the run's
 */
record StoredCheckpoint(Folder folder, int epoch, ModelSettings settings) {
  static final String MARKER = "checkpoint.json";
  static final String UPDATER = "updater.safetensors";
  static final int FORMAT_VERSION = 2;
  private static final int MAX_MARKER_BYTES = 1 << 16;

  /** What a run goes on from. */
  record Restored(Checkpoint checkpoint, TrainingState state) {}

  /** Whether it was written to its end; it may have been damaged since. */
  boolean isMarked() {
    return folder.exists(MARKER);
  }

  /**
   * Reads a checkpoint that is marked.
   *
   * @throws Damaged if its files are not those that it was written with
   * @throws DataFailure if they are, and another version of this program wrote them, or they are of
   *     another network
   * @throws flowmatching.base.failure.EnvironmentFailure if they cannot be read now, which says
   *     nothing of them
   */
  Restored read() throws Damaged {
    Checkpoint checkpoint = checkpoint();
    if (!intact(() -> ModelFolder.digest(folder)).equals(Optional.of(checkpoint.modelSha256()))) {
      throw new Damaged(changed(ModelFolder.DESCRIPTION));
    }
    checkNetwork();
    Model model = intact(() -> ModelFolder.read(folder));
    byte[] updater = intact(() -> folder.read(UPDATER, checkpoint.updaterBytes()));
    if (!Sha256.of(updater).equals(checkpoint.updaterSha256())) {
      throw new Damaged(changed(UPDATER));
    }
    return new Restored(checkpoint, state(model, slots(updater), checkpoint.iteration()));
  }

  /** The model of a checkpoint has the averages, if there are any. */
  private TrainingState state(Model model, Map<Slot, float[]> slots, int step) {
    slots.put(
        slots.containsKey(Slot.PARAMETERS) ? Slot.AVERAGE : Slot.PARAMETERS, model.parameters());
    return new TrainingState(UNet.layout(settings), slots, step);
  }

  private Checkpoint checkpoint() throws Damaged {
    String origin = folder + "/" + MARKER;
    JsonNode marker =
        intact(() -> Json.parse(folder.read(MARKER, MAX_MARKER_BYTES), JsonNode.class, origin));
    FormatVersion.check(marker, FORMAT_VERSION, origin);
    // As it is stored: another version may have written more than is read here.
    String stored = Json.line(marker.path("checkpoint"));
    int version = marker.path(FormatVersion.KEY).asInt(1);
    if (!marker.path("sha256").asText().equals(Checkpoints.Marker.digest(version, stored))) {
      throw new Damaged(MARKER + " was changed");
    }
    Checkpoint checkpoint =
        written(
            MARKER,
            () -> Json.parse(stored.getBytes(StandardCharsets.UTF_8), Checkpoint.class, origin));
    if (checkpoint.epoch() != epoch) {
      throw new Damaged("%s is that of epoch %d".formatted(MARKER, checkpoint.epoch()));
    }
    if (checkpoint.updaterBytes() < 0) {
      throw new Damaged(MARKER + " was changed");
    }
    return checkpoint;
  }

  private void checkNetwork() {
    List<String> differences =
        JsonDifferences.between(
            Json.tree(ModelFolder.settings(folder).json()), Json.tree(settings.json()));
    if (!differences.isEmpty()) {
      throw new DataFailure(
          "%s is whole, and its network is another than the section model says: %s. Give the same section model, or another train.output."
              .formatted(folder, String.join("; ", differences)));
    }
  }

  private Map<Slot, float[]> slots(byte[] updater) {
    return written(
        UPDATER,
        () ->
            SlotsFile.read(
                updater,
                UNet.layout(settings),
                List.of(Slot.FIRST_MOMENT, Slot.SECOND_MOMENT),
                folder + "/" + UPDATER));
  }

  private static String changed(String file) {
    return file + " is not the one that it was written with";
  }

  /** What is read before a digest tells that it is as it was written. */
  private static <T> T intact(Supplier<T> reading) throws Damaged {
    try {
      return reading.get();
    } catch (DataFailure e) {
      throw new Damaged(e);
    }
  }

  /** What is read of a file that is as it was written. */
  private <T> T written(String file, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (DataFailure e) {
      throw new DataFailure(
          "%s/%s is as it was written, and this version cannot read it: another version of this program wrote it. Go on with that version, or give another train.output."
              .formatted(folder, file),
          e);
    }
  }
}
