package flowmatching.work.train;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.base.settings.ModelSettings;
import flowmatching.means.model.Model;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.storage.Folder;
import flowmatching.network.TensorLayout;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The folder of a checkpoint: the model's files, {@code updater.safetensors} with the other slots
 * of the state, and {@code checkpoint.json} with the digests of these files, which is written last
 * and removed first. A folder without it, or with other digests, is not a checkpoint. A whole one
 * that cannot be used ends the run, because skipping it would lose epochs.
 */
record StoredCheckpoint(Folder folder, int epoch, ModelSettings settings) {
  static final String MARKER = "checkpoint.json";
  static final String UPDATER = "updater.safetensors";
  static final int FORMAT_VERSION = 2;
  private static final int MAX_MARKER_BYTES = 1 << 16;
  private static final String NOT_AS_WRITTEN = " is not as it was written";

  /**
   * A checkpoint after some epochs and iterations, which are steps of training.
   *
   * @param runSha256 see {@link TrainingIdentity#runSha256}; empty in files of versions without it
   */
  record Checkpoint(
      int epoch,
      int iteration,
      String modelSha256,
      String runSha256,
      int updaterBytes,
      String updaterSha256) {}

  /** The content of {@code checkpoint.json}, with its {@link #digest}. */
  record Marker(int formatVersion, Checkpoint checkpoint, String sha256) {
    static Marker of(Checkpoint checkpoint) {
      return new Marker(FORMAT_VERSION, checkpoint, digest(FORMAT_VERSION, Json.line(checkpoint)));
    }

    /**
     * The SHA-256 of the checkpoint as JSON on one line; since version 2 with the version and a
     * space before it.
     */
    static String digest(int formatVersion, String checkpoint) {
      String covered = formatVersion == 1 ? checkpoint : formatVersion + " " + checkpoint;
      return DigestUtils.sha256Hex(covered.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The state that a run resumes from. */
  record Restored(Checkpoint checkpoint, TrainingState state) {}

  /** The files are missing, truncated or changed; an earlier checkpoint may be whole. */
  static final class Damaged extends Exception {
    private static final long serialVersionUID = 1L;

    private Damaged(String reason) {
      this(reason, null);
    }

    private Damaged(String reason, Throwable cause) {
      super(reason, cause);
    }
  }

  /** Writes the state into the empty folder; see {@link Checkpoints#write} for failures. */
  void write(TrainingState state, String runSha256) {
    Map<Slot, float[]> slots = new EnumMap<>(state.slots());
    slots.remove(inModel(slots.containsKey(Slot.AVERAGE)));
    String model = ModelFolder.write(folder, settings, state.best());
    byte[] updater = SlotsFile.write(state.layout(), slots);
    folder.write(UPDATER, updater);
    Checkpoint checkpoint =
        new Checkpoint(
            epoch, state.step(), model, runSha256, updater.length, DigestUtils.sha256Hex(updater));
    folder.write(MARKER, Json.file(Marker.of(checkpoint)));
  }

  /** The slot that the model file has: the averages, if there are any. */
  private static Slot inModel(boolean averaged) {
    return averaged ? Slot.AVERAGE : Slot.PARAMETERS;
  }

  /** Makes the folder none of a checkpoint, before it is removed. */
  void unmark() {
    folder.delete(MARKER);
  }

  /** Whether it was written completely; it may have been damaged later. */
  boolean isMarked() {
    return folder.exists(MARKER);
  }

  /**
   * Reads a marked checkpoint.
   *
   * @throws Damaged if its files are not as they were written
   * @throws DataFailure if they are, but another version of this program wrote them, or they are of
   *     another network
   * @throws EnvironmentFailure if they cannot be read now; they may be whole
   */
  Restored read() throws Damaged {
    Checkpoint checkpoint = checkpoint();
    if (!unverified(() -> ModelFolder.digest(folder))
        .equals(Optional.of(checkpoint.modelSha256()))) {
      throw new Damaged(ModelFolder.DESCRIPTION + NOT_AS_WRITTEN);
    }
    checkNetwork();
    Model model = unverified(() -> ModelFolder.read(folder));
    byte[] updater = unverified(() -> folder.read(UPDATER, checkpoint.updaterBytes()));
    if (!DigestUtils.sha256Hex(updater).equals(checkpoint.updaterSha256())) {
      throw new Damaged(UPDATER + NOT_AS_WRITTEN);
    }
    TensorLayout layout = UNet.layout(settings);
    Map<Slot, float[]> slots =
        verified(UPDATER, () -> SlotsFile.read(updater, layout, folder + "/" + UPDATER));
    slots.put(inModel(slots.containsKey(Slot.PARAMETERS)), model.parameters());
    return new Restored(checkpoint, new TrainingState(layout, slots, checkpoint.iteration()));
  }

  private Checkpoint checkpoint() throws Damaged {
    String origin = folder + "/" + MARKER;
    JsonNode marker =
        unverified(() -> Json.parse(folder.read(MARKER, MAX_MARKER_BYTES), JsonNode.class, origin));
    FormatVersion.check(marker, FORMAT_VERSION, origin);
    // As stored: another version may have written more keys than this one reads.
    String stored = Json.line(marker.path("checkpoint"));
    int version = marker.path(FormatVersion.KEY).asInt(1);
    if (!marker.path("sha256").asText().equals(Marker.digest(version, stored))) {
      throw new Damaged(MARKER + " was changed");
    }
    Checkpoint checkpoint =
        verified(
            MARKER,
            () ->
                Json.parseTolerantly(
                    stored.getBytes(StandardCharsets.UTF_8), Checkpoint.class, origin));
    if (checkpoint.epoch() != epoch) {
      throw new Damaged("%s is of epoch %d".formatted(MARKER, checkpoint.epoch()));
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
          "%s is whole, but its network differs from the section model: %s. Give the same section model, or another train.output."
              .formatted(folder, String.join("; ", differences)));
    }
  }

  /** Reads a file whose digest is not checked yet: an error means damage. */
  private static <T> T unverified(Supplier<T> reading) throws Damaged {
    try {
      return reading.get();
    } catch (DataFailure e) {
      throw new Damaged(e.getMessage(), e);
    }
  }

  /** Reads a file whose digest is right: an error means another version. */
  private <T> T verified(String file, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (DataFailure e) {
      throw new DataFailure(
          "%s/%s is as it was written, but this version cannot read it: another version of this program wrote it. Continue with that version, or give another train.output."
              .formatted(folder, file),
          e);
    }
  }
}
