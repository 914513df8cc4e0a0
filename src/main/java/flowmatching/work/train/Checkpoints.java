package flowmatching.work.train;

import static flowmatching.work.train.StoredCheckpoint.MARKER;
import static flowmatching.work.train.StoredCheckpoint.UPDATER;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.format.Json;
import flowmatching.base.format.Sha256;
import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.train.StoredCheckpoint.Restored;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run, a folder per epoch: the model's files, {@code updater.safetensors} with
 * the other slots of the state, and {@code checkpoint.json} with the digests of these files, which
 * is written last and removed first. A folder without it, or with other digests, is not a
 * checkpoint.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final Pattern NAME = Pattern.compile("epoch-(\\d{4}|[1-9]\\d{4,8})");

  private final Folder folder;
  private final ModelSettings settings;
  private final TrainSettings.Checkpoint kept;

  Checkpoints(Folder folder, ModelSettings settings, TrainSettings.Checkpoint kept) {
    this.folder = folder;
    this.settings = settings;
    this.kept = kept;
  }

  /**
   * A checkpoint.
   *
   * @param epoch number of epochs done
   * @param iteration number of steps done
   */
  record Checkpoint(
      int epoch, int iteration, String modelSha256, int updaterBytes, String updaterSha256) {}

  /**
   * The content of {@code checkpoint.json}.
   *
   * @param sha256 see {@link #digest}
   */
  record Marker(int formatVersion, Checkpoint checkpoint, String sha256) {
    static Marker of(Checkpoint checkpoint) {
      return new Marker(
          StoredCheckpoint.FORMAT_VERSION,
          checkpoint,
          digest(StoredCheckpoint.FORMAT_VERSION, Json.line(checkpoint)));
    }

    /**
     * The SHA-256 of the checkpoint as JSON on one line; since version 2 with the version and a
     * space before it.
     */
    static String digest(int formatVersion, String checkpoint) {
      String covered = formatVersion == 1 ? checkpoint : formatVersion + " " + checkpoint;
      return Sha256.of(covered.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Checks that there is space for one more checkpoint.
   *
   * @param slots of the run's state
   * @throws EnvironmentFailure if there is too little
   */
  void checkSpace(int slots) {
    long bytes = (long) slots * Float.BYTES * UNet.parameterCount(settings);
    long space = folder.space();
    if (space < bytes) {
      throw new EnvironmentFailure(
          "There are %.1f MB free for %s, but a checkpoint takes %.1f MB: free space there, or give another train.output."
              .formatted(space / 1e6, folder, bytes / 1e6));
    }
  }

  /**
   * Writes the state after {@code epoch} epochs, and then removes the checkpoints that {@code
   * train.checkpoint} does not keep.
   *
   * @throws RunFailure if a weight is infinite or NaN
   * @throws EnvironmentFailure if the checkpoint cannot be written; earlier ones stay
   */
  void write(int epoch, TrainingState state) {
    // Left by an interrupted attempt, or damaged: a whole checkpoint that cannot be restored has
    // ended the run before.
    remove(RunFiles.epoch(epoch));
    Folder checkpoint = folder.child(RunFiles.epoch(epoch));
    String model = ModelFolder.write(checkpoint, settings, state.best());
    byte[] updater = SlotsFile.write(state.layout(), besideModel(state));
    checkpoint.write(UPDATER, updater);
    checkpoint.write(
        MARKER,
        Json.file(
            Marker.of(
                new Checkpoint(epoch, state.step(), model, updater.length, Sha256.of(updater)))));
    epochs().stream().filter(other -> !kept.keeps(other, epoch)).forEach(this::removeOld);
  }

  /** All slots except the one that the model file has. */
  private static Map<Slot, float[]> besideModel(TrainingState state) {
    Map<Slot, float[]> slots = new EnumMap<>(state.slots());
    slots.remove(slots.containsKey(Slot.AVERAGE) ? Slot.AVERAGE : Slot.PARAMETERS);
    return slots;
  }

  /** An old checkpoint that cannot be removed does no harm: the run continues. */
  private void removeOld(int epoch) {
    try {
      remove(RunFiles.epoch(epoch));
    } catch (EnvironmentFailure e) {
      LOG.warn("An old checkpoint was not removed: {}", e.getMessage());
    }
  }

  /** Removes the marker first, so that a half-removed folder is not a checkpoint. */
  private void remove(String name) {
    folder.child(name).delete(MARKER);
    folder.delete(name);
  }

  /** The last epoch with a folder, whole or not; 0 if there is none. */
  int lastFolder() {
    return epochs().stream().findFirst().orElse(0);
  }

  /** The epochs with a folder, the last first. */
  private List<Integer> epochs() {
    return folder.list().stream()
        .map(NAME::matcher)
        .filter(Matcher::matches)
        .map(name -> Integer.valueOf(name.group(1)))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /**
   * Reads the last whole checkpoint, with a warning for each that is skipped.
   *
   * @return empty if none was written completely
   * @throws DataFailure as {@link #check} does
   */
  Optional<Restored> restoreLast() {
    return last(LOG::warn);
  }

  /**
   * Checks that the last whole checkpoint can be restored.
   *
   * @return that checkpoint; empty if none was written completely
   * @throws DataFailure if all that were written completely are damaged, or the last whole one is
   *     of another version or network
   * @throws EnvironmentFailure if a file cannot be read
   */
  Optional<Checkpoint> check() {
    return last(warning -> {}).map(Restored::checkpoint);
  }

  private Optional<Restored> last(Consumer<String> warnings) {
    List<String> damaged = new ArrayList<>();
    for (int epoch : epochs()) {
      StoredCheckpoint stored =
          new StoredCheckpoint(folder.child(RunFiles.epoch(epoch)), epoch, settings);
      if (!stored.isMarked()) {
        warnings.accept("Skipping %s: it was not written completely".formatted(stored.folder()));
        continue;
      }
      try {
        return Optional.of(stored.read());
      } catch (Damaged e) {
        warnings.accept("Skipping %s: %s".formatted(stored.folder(), e.getMessage()));
        damaged.add("%s: %s".formatted(RunFiles.epoch(epoch), e.getMessage()));
      }
    }
    if (!damaged.isEmpty()) {
      throw new DataFailure(
          "None of the checkpoints in %s can be restored, and training does not restart from the beginning by itself:\n  %s\nRestore a whole copy of one, or give another train.output to train from the beginning. Nothing was changed."
              .formatted(folder, String.join("\n  ", damaged)));
    }
    return Optional.empty();
  }
}
