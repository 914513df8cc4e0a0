package flowmatching.train;

import flowmatching.failure.DataFailure;
import flowmatching.model.ModelFolder;
import flowmatching.settings.ModelSettings;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import flowmatching.storage.Sha256;
import flowmatching.unet.NamedTensor;
import flowmatching.unet.NetworkState;
import flowmatching.unet.SafeTensors;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run, a folder an epoch: the model's files, {@code updater.safetensors} with
 * Adam's moments, and {@code checkpoint.json}, which is written last. A folder without it, or whose
 * files are not those it speaks of, is no checkpoint.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String MARKER = "checkpoint.json";
  private static final String UPDATER = "updater.safetensors";
  private static final String UPDATER_STATE = "state";
  private static final int MAX_MARKER_BYTES = 1 << 16;

  private final Folder folder;
  private final ModelSettings settings;

  Checkpoints(Folder folder, ModelSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * What {@code checkpoint.json} holds.
   *
   * @param epoch the number of epochs done
   * @param iteration the number of steps done
   */
  record Checkpoint(
      int epoch, int iteration, String modelSha256, int updaterBytes, String updaterSha256) {}

  static String name(int epoch) {
    return "epoch-%04d".formatted(epoch);
  }

  /** Keeps the network as it is after {@code epoch} epochs. */
  void write(int epoch, ComputationGraph network) {
    Folder checkpoint = folder.child(name(epoch));
    NetworkState state = NetworkState.of(network);
    byte[] updater =
        SafeTensors.write(
            List.of(
                new NamedTensor(
                    UPDATER_STATE, new long[] {state.updaterState().length}, state.updaterState())),
            Map.of());
    checkpoint.write(UPDATER, updater);
    ModelFolder.write(checkpoint, settings, network);
    String model = ModelFolder.read(checkpoint).digest();
    checkpoint.write(
        MARKER,
        Json.file(
            new Checkpoint(epoch, state.iteration(), model, updater.length, Sha256.of(updater))));
  }

  /** Brings the network to the last whole checkpoint, if there is one, and returns what it says. */
  Optional<Checkpoint> restoreLast(ComputationGraph network) {
    List<String> names =
        folder.list().stream()
            .sorted(
                Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
            .toList();
    for (int i = names.size() - 1; i >= 0; i--) {
      Folder candidate = folder.child(names.get(i));
      if (!candidate.exists(MARKER)) {
        LOG.warn("{} is passed over: it was not written to its end", candidate);
        continue;
      }
      try {
        return Optional.of(restore(candidate, network));
      } catch (DataFailure e) {
        LOG.warn("{} is passed over: {}", candidate, e.getMessage());
      }
    }
    return Optional.empty();
  }

  private Checkpoint restore(Folder candidate, ComputationGraph network) {
    Checkpoint checkpoint =
        Json.parse(
            candidate.read(MARKER, MAX_MARKER_BYTES), Checkpoint.class, candidate + "/" + MARKER);
    if (checkpoint.updaterBytes() < 0 || !candidate.toString().endsWith(name(checkpoint.epoch()))) {
      throw new DataFailure(MARKER + " was changed");
    }
    var model = ModelFolder.read(candidate);
    String origin = candidate + "/" + UPDATER;
    byte[] updater = candidate.read(UPDATER, checkpoint.updaterBytes());
    if (!model.digest().equals(checkpoint.modelSha256())
        || !Sha256.of(updater).equals(checkpoint.updaterSha256())
        || !model.settings().equals(settings)) {
      throw new DataFailure("its files are not those that it was written with");
    }
    NamedTensor state = SafeTensors.read(updater, origin).get(UPDATER_STATE);
    long expected = network.getUpdater().getUpdaterStateViewArray().length();
    if (state == null || state.values().length != expected) {
      throw new DataFailure(origin + " is not the optimiser state of this network");
    }
    float[] parameters = model.network().params().toFloatVector();
    new NetworkState(parameters, state.values(), checkpoint.iteration()).applyTo(network);
    return checkpoint;
  }
}
