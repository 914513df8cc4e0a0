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
 * The folder of a checkpoint. Its digests show whether it is as it was written. A whole checkpoint
 * that cannot be used ends the run, because skipping it would lose epochs.
 *
 * @param epoch in the folder's name
 * @param settings of the run
 */
record StoredCheckpoint(Folder folder, int epoch, ModelSettings settings) {
  static final String MARKER = "checkpoint.json";
  static final String UPDATER = "updater.safetensors";
  static final int FORMAT_VERSION = 2;
  private static final int MAX_MARKER_BYTES = 1 << 16;

  /** The state that a run resumes from. */
  record Restored(Checkpoint checkpoint, TrainingState state) {}

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
   * @throws flowmatching.base.failure.EnvironmentFailure if they cannot be read now; they may be
   *     whole
   */
  Restored read() throws Damaged {
    Checkpoint checkpoint = checkpoint();
    Optional<String> digest = unverified(() -> ModelFolder.digest(folder));
    if (!digest.equals(Optional.of(checkpoint.modelSha256()))) {
      throw new Damaged(notAsWritten(ModelFolder.DESCRIPTION));
    }
    checkNetwork();
    Model model = unverified(() -> ModelFolder.read(folder));
    byte[] updater = unverified(() -> folder.read(UPDATER, checkpoint.updaterBytes()));
    if (!Sha256.of(updater).equals(checkpoint.updaterSha256())) {
      throw new Damaged(notAsWritten(UPDATER));
    }
    return new Restored(checkpoint, state(model, slots(updater), checkpoint.iteration()));
  }

  /** The model file has the averages, if there are any. */
  private TrainingState state(Model model, Map<Slot, float[]> slots, int step) {
    slots.put(
        slots.containsKey(Slot.PARAMETERS) ? Slot.AVERAGE : Slot.PARAMETERS, model.parameters());
    return new TrainingState(UNet.layout(settings), slots, step);
  }

  private Checkpoint checkpoint() throws Damaged {
    String origin = folder + "/" + MARKER;
    JsonNode marker =
        unverified(() -> Json.parse(folder.read(MARKER, MAX_MARKER_BYTES), JsonNode.class, origin));
    FormatVersion.check(marker, FORMAT_VERSION, origin);
    // As stored: another version may have written more keys than this one reads.
    String stored = Json.line(marker.path("checkpoint"));
    int version = marker.path(FormatVersion.KEY).asInt(1);
    if (!marker.path("sha256").asText().equals(Checkpoints.Marker.digest(version, stored))) {
      throw new Damaged(MARKER + " was changed");
    }
    Checkpoint checkpoint =
        verified(
            MARKER,
            () -> Json.parse(stored.getBytes(StandardCharsets.UTF_8), Checkpoint.class, origin));
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

  private Map<Slot, float[]> slots(byte[] updater) {
    return verified(
        UPDATER,
        () ->
            SlotsFile.read(
                updater,
                UNet.layout(settings),
                List.of(Slot.FIRST_MOMENT, Slot.SECOND_MOMENT),
                folder + "/" + UPDATER));
  }

  private static String notAsWritten(String file) {
    return file + " is not as it was written";
  }

  /** Reads a file whose digest is not checked yet: an error means damage. */
  private static <T> T unverified(Supplier<T> reading) throws Damaged {
    try {
      return reading.get();
    } catch (DataFailure e) {
      throw new Damaged(e);
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
