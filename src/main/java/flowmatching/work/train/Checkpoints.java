package flowmatching.work.train;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.train.StoredCheckpoint.Checkpoint;
import flowmatching.work.train.StoredCheckpoint.Damaged;
import flowmatching.work.train.StoredCheckpoint.Restored;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: a {@link StoredCheckpoint} per epoch.
 *
 * @param runSha256 the digest of the run that each checkpoint has; empty if the run was started by
 *     a version that had none
 * @param averaged whether the run's state has {@link Slot#AVERAGE}
 */
record Checkpoints(
    Folder folder,
    ModelSettings settings,
    TrainSettings.Checkpoint kept,
    String runSha256,
    boolean averaged) {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final Pattern NAME = Pattern.compile("epoch-(\\d{4}|[1-9]\\d{4,8})");

  static Checkpoints of(RunContext run, TrainingIdentity identity) {
    return new Checkpoints(
        run.output().child(RunFiles.CHECKPOINTS),
        run.settings().model(),
        run.train().checkpoint(),
        identity.runSha256(),
        run.averages());
  }

  /** Checks that there is space for one more checkpoint. */
  void checkSpace() {
    int slots = Slot.values().length - (averaged ? 0 : 1);
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
    remove(epoch);
    stored(epoch).write(state, runSha256);
    epochs().stream().filter(other -> !kept.keeps(other, epoch)).forEach(this::removeOld);
  }

  private StoredCheckpoint stored(int epoch) {
    return new StoredCheckpoint(folder.child(RunFiles.epoch(epoch)), epoch, settings);
  }

  /** An old checkpoint that cannot be removed does no harm: the run continues. */
  private void removeOld(int epoch) {
    try {
      remove(epoch);
    } catch (EnvironmentFailure e) {
      LOG.warn("An old checkpoint was not removed: {}", e.getMessage());
    }
  }

  /** Removes the marker first, so that a half-removed folder is not a checkpoint. */
  private void remove(int epoch) {
    stored(epoch).unmark();
    folder.delete(RunFiles.epoch(epoch));
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
   * @throws DataFailure if all that were written completely are damaged, or the last whole one is
   *     of another version, network or run
   * @throws EnvironmentFailure if a file cannot be read
   */
  Optional<Restored> restoreLast() {
    return last(LOG::warn);
  }

  /** The settings match those of the run before, so that the checkpoint was copied from another. */
  private void checkRun(Restored restored, Folder checkpoint) {
    String sha256 = restored.checkpoint().runSha256();
    if (!runSha256.isEmpty() && !sha256.equals(runSha256)) {
      throw ofAnotherRun(
          checkpoint,
          "it has %s, and this run %s"
              .formatted(
                  sha256.isEmpty() ? "no run_sha256" : "the run_sha256 " + sha256, runSha256));
    }
    if (restored.state().slots().containsKey(Slot.AVERAGE) != averaged) {
      throw ofAnotherRun(
          checkpoint,
          "that run is %s averaged weights (train.ema-decay)"
              .formatted(averaged ? "without" : "with"));
    }
  }

  private static DataFailure ofAnotherRun(Folder checkpoint, String reason) {
    return new DataFailure(
        "%s is whole, but belongs to another run: %s. Restore a checkpoint of this run, or give another train.output, with this folder as train.initial-weights to train its weights further."
            .formatted(checkpoint, reason));
  }

  /** The checkpoint that {@link #restoreLast} would read; it fails as that does. */
  Optional<Checkpoint> check() {
    return last(warning -> {}).map(Restored::checkpoint);
  }

  private Optional<Restored> last(Consumer<String> warnings) {
    List<String> damaged = new ArrayList<>();
    for (int epoch : epochs()) {
      StoredCheckpoint stored = stored(epoch);
      if (!stored.isMarked()) {
        warnings.accept("Skipping %s: it was not written completely".formatted(stored.folder()));
        continue;
      }
      try {
        Restored restored = stored.read();
        checkRun(restored, stored.folder());
        return Optional.of(restored);
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
