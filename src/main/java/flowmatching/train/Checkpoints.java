package flowmatching.train;

import flowmatching.failure.DataFailure;
import flowmatching.failure.EnvironmentFailure;
import flowmatching.failure.RunFailure;
import flowmatching.model.Model;
import flowmatching.model.ModelFolder;
import flowmatching.report.RunFiles;
import flowmatching.settings.ModelSettings;
import flowmatching.settings.TrainSettings;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import flowmatching.storage.Sha256;
import flowmatching.unet.NetworkState;
import flowmatching.unet.UNet;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run, a folder an epoch: the model's files, {@code updater.safetensors} with
 * Adam's moments, and {@code checkpoint.json}, which is written last and removed first. A folder
 * without it, or whose files are not those it speaks of, is no checkpoint.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final Pattern NAME = Pattern.compile("epoch-(\\d{4}|[1-9]\\d{4,8})");
  private static final String MARKER = "checkpoint.json";
  private static final String UPDATER = "updater.safetensors";
  private static final int MAX_MARKER_BYTES = 1 << 16;

  /** A weight and Adam's two moments of its gradient. */
  private static final long NUMBERS_A_PARAMETER = 3;

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
   * @param sha256 of the checkpoint as JSON on one line
   */
  record Marker(Checkpoint checkpoint, String sha256) {
    static Marker of(Checkpoint checkpoint) {
      return new Marker(
          checkpoint, Sha256.of(Json.line(checkpoint).getBytes(StandardCharsets.UTF_8)));
    }
  }

  /**
   * Checks, before a run, that there is room for one more checkpoint.
   *
   * @throws EnvironmentFailure where there is not
   */
  void checkSpace() {
    long bytes = NUMBERS_A_PARAMETER * Float.BYTES * UNet.parameterCount(settings);
    long space = folder.space();
    if (space < bytes) {
      throw new EnvironmentFailure(
          "There are %.1f MB free for %s, and a checkpoint takes %.1f MB: free space there, or give another train.output."
              .formatted(space / 1e6, folder, bytes / 1e6));
    }
  }

  /**
   * Keeps the network as it is after {@code epoch} epochs, and then removes the checkpoints that
   * are not to stay beside this one.
   *
   * @throws RunFailure where a weight is infinite or not a number
   * @throws EnvironmentFailure where the checkpoint cannot be written; those before it stay
   */
  void write(int epoch, ComputationGraph network) {
    // An attempt that was cut off, or what became of a checkpoint that was passed over.
    remove(RunFiles.epoch(epoch));
    Folder checkpoint = folder.child(RunFiles.epoch(epoch));
    String model = ModelFolder.write(checkpoint, settings, network);
    NetworkState state = NetworkState.of(network);
    byte[] updater = Moments.write(settings, state.updaterState());
    checkpoint.write(UPDATER, updater);
    checkpoint.write(
        MARKER,
        Json.file(
            Marker.of(
                new Checkpoint(
                    epoch, state.iteration(), model, updater.length, Sha256.of(updater)))));
    epochs().stream().filter(other -> !kept.keeps(other, epoch)).forEach(this::removeOld);
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

  /** The epochs that have a folder, the last one first. */
  /** Whether there is one that was written to its end; it may have been damaged since. */
  boolean any() {
    return epochs().stream().anyMatch(epoch -> folder.child(RunFiles.epoch(epoch)).exists(MARKER));
  }

  private List<Integer> epochs() {
    return folder.list().stream()
        .map(NAME::matcher)
        .filter(Matcher::matches)
        .map(name -> Integer.valueOf(name.group(1)))
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /** Brings the network to the last whole checkpoint, if there is one, and returns what it says. */
  Optional<Checkpoint> restoreLast(ComputationGraph network) {
    for (int epoch : epochs()) {
      Folder candidate = folder.child(RunFiles.epoch(epoch));
      if (!candidate.exists(MARKER)) {
        LOG.warn("{} is passed over: it was not written to its end", candidate);
        continue;
      }
      try {
        return Optional.of(restore(epoch, candidate, network));
      } catch (DataFailure e) {
        LOG.warn("{} is passed over: {}", candidate, e.getMessage());
      }
    }
    return Optional.empty();
  }

  private Checkpoint restore(int epoch, Folder candidate, ComputationGraph network) {
    Marker marker =
        Json.parse(
            candidate.read(MARKER, MAX_MARKER_BYTES), Marker.class, candidate + "/" + MARKER);
    Checkpoint checkpoint = marker.checkpoint();
    if (!marker.equals(Marker.of(checkpoint))
        || checkpoint.epoch() != epoch
        || checkpoint.updaterBytes() < 0) {
      throw new DataFailure(MARKER + " was changed");
    }
    Model model = ModelFolder.read(candidate);
    String origin = candidate + "/" + UPDATER;
    byte[] updater = candidate.read(UPDATER, checkpoint.updaterBytes());
    if (!model.digest().equals(checkpoint.modelSha256())
        || !Sha256.of(updater).equals(checkpoint.updaterSha256())
        || !model.settings().equals(settings)) {
      throw new DataFailure("its files are not those that it was written with");
    }
    new NetworkState(parameters(model), moments(updater, origin), checkpoint.iteration())
        .applyTo(network);
    return checkpoint;
  }

  /** The digests have told that the file is as it was written. */
  private float[] moments(byte[] updater, String origin) {
    try {
      return Moments.read(updater, settings, origin);
    } catch (DataFailure e) {
      throw new EnvironmentFailure(
          "%s, but whole: another version of this program wrote it. Go on with that version, or give another train.output."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static float[] parameters(Model model) {
    ComputationGraph network = model.network();
    try {
      return network.params().toFloatVector();
    } finally {
      network.close();
    }
  }
}
