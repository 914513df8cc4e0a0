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
 * the other slots of the state, and {@code checkpoint.json}, which is written last and removed
 * first. A folder without it, or whose files are not those it speaks of, is no checkpoint.
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
   * What is known of a checkpoint.
   *
   * @param epoch the number of epochs done
   * @param iteration the number of steps done
   */
  record Checkpoint(
      int epoch, int iteration, String modelSha256, int updaterBytes, String updaterSha256) {}

  /**
   * What {@code checkpoint.json} holds.
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
     * The SHA-256 of the checkpoint as JSON on one line, behind the version and a space in all
     * versions but the first.
     */
    static String digest(int formatVersion, String checkpoint) {
      String covered = formatVersion == 1 ? checkpoint : formatVersion + " " + checkpoint;
      return Sha256.of(covered.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Checks, before a run, that there is room for one more checkpoint.
   *
   * @param slots of the run's state
   * @throws EnvironmentFailure if there is not
   */
  void checkSpace(int slots) {
    long bytes = (long) slots * Float.BYTES * UNet.parameterCount(settings);
    long space = folder.space();
    if (space < bytes) {
      throw new EnvironmentFailure(
          "There are %.1f MB free for %s, and a checkpoint takes %.1f MB: free space there, or give another train.output."
              .formatted(space / 1e6, folder, bytes / 1e6));
    }
  }

  /**
   * Keeps the state after {@code epoch} epochs, and then removes the checkpoints that are not to
   * stay beside this one.
   *
   * @throws RunFailure if a weight is infinite or not a number
   * @throws EnvironmentFailure if the checkpoint cannot be written; those before it stay
   */
  void write(int epoch, TrainingState state) {
    // An attempt that was cut off, or a checkpoint that is damaged by its digests: a whole one that
    // cannot be restored has ended the run.
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

  /** All slots but the one whose values the model has. */
  private static Map<Slot, float[]> besideModel(TrainingState state) {
    Map<Slot, float[]> slots = new EnumMap<>(state.slots());
    slots.remove(slots.containsKey(Slot.AVERAGE) ? Slot.AVERAGE : Slot.PARAMETERS);
    return slots;
  }

  /** A checkpoint that stays too long harms no one: the run goes on. */
  private void removeOld(int epoch) {
    try {
      remove(RunFiles.epoch(epoch));
    } catch (EnvironmentFailure e) {
      LOG.warn("An old checkpoint stays: {}", e.getMessage());
    }
  }

  /** The marker goes first, so that what is half removed is no checkpoint. */
  private void remove(String name) {
    folder.child(name).delete(MARKER);
    folder.delete(name);
  }

  /** The last epoch that has a folder, whole or not; 0 if none has. */
  int lastFolder() {
    return epochs().stream().findFirst().orElse(0);
  }

  /** The epochs that have a folder, the last one first. */
  private List<Integer> epochs() {
    return folder.list().stream()
        .map(NAME::matcher)
        .filter(Matcher::matches)
        .map(name -> Integer.valueOf(name.group(1)))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /**
   * Reads the last whole checkpoint, with a warning for each that is passed over.
   *
   * @return empty if none was ever written to its end
   * @throws DataFailure as {@link #check} does
   */
  Optional<Restored> restoreLast() {
    return last(LOG::warn);
  }

  /**
   * Checks, before a run, that the last whole checkpoint can be restored.
   *
   * @return what is known of it; empty if none was ever written to its end
   * @throws DataFailure if none is whole of those that were written to their end, or the last whole
   *     one is of another version or network
   * @throws EnvironmentFailure if one cannot be read
   */
  Optional<Checkpoint> check() {
    return last(passedOver -> {}).map(Restored::checkpoint);
  }

  private Optional<Restored> last(Consumer<String> passedOver) {
    List<String> damaged = new ArrayList<>();
    for (int epoch : epochs()) {
      StoredCheckpoint stored =
          new StoredCheckpoint(folder.child(RunFiles.epoch(epoch)), epoch, settings);
      if (!stored.isMarked()) {
        passedOver.accept(
            "%s is passed over: it was not written to its end".formatted(stored.folder()));
        continue;
      }
      try {
        return Optional.of(stored.read());
      } catch (Damaged e) {
        passedOver.accept("%s is passed over: %s".formatted(stored.folder(), e.getMessage()));
        damaged.add("%s: %s".formatted(RunFiles.epoch(epoch), e.getMessage()));
      }
    }
    if (!damaged.isEmpty()) {
      throw new DataFailure(
          "None of the checkpoints in %s can be restored, and training does not start over by itself:\n  %s\nPut a whole copy of one back, or give another train.output to train from the beginning. Nothing was changed."
              .formatted(folder, String.join("\n  ", damaged)));
    }
    return Optional.empty();
  }
}
