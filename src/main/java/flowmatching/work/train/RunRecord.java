package flowmatching.work.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.StoredSettings;
import flowmatching.means.data.ImageSet;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.Versions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code run.json}: what a run is made of. A run goes on only as what it began as.
 *
 * @param codeVersion of this program at the last start
 * @param settings all sections
 * @param origins where each setting comes from, by its path
 * @param initialWeightsSha256 digest of the network that training began with; empty if its weights
 *     were random, or it could not be read any more at the last start
 * @param modelWeights which weights the model has: {@code averaged}, or those of the {@code last}
 *     step
 * @param cluster how it was computed at the last start, which may change
 */
record RunRecord(
    String codeVersion,
    JsonNode settings,
    Map<String, String> origins,
    Data data,
    Data validationData,
    String initialWeightsSha256,
    String modelWeights,
    NumericIdentity numerics,
    Cluster cluster) {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecord.class);
  private static final String NUMERICS = "numerics";

  private static final String SETTINGS = "settings";
  private static final String INITIAL_WEIGHTS = "train.initial-weights";
  private static final int FORMAT_VERSION = 1;

  /** What tells a set of images from others; its name is its folder, which may move. */
  private static final List<String> IDENTITY =
      List.of("images", "images_sha256", "labels_sha256", "split");

  /** Settings that a run may change when it goes on. */
  private static final List<String> FREE_KEYS =
      List.of(
          "train.output",
          "train.resume",
          "train.checkpoint",
          "train.preview",
          "train.workers",
          "train.patience",
          "train.udp-ports",
          "train.unencrypted-updates");

  /** The images that are trained on. */
  record Data(String name, String split, int images, String imagesSha256, String labelsSha256) {
    static Data of(ImageSet set) {
      return new Data(
          set.name(), set.split().toString(), set.count(), set.imagesSha256(), set.labelsSha256());
    }
  }

  /**
   * Where it was computed.
   *
   * @param threads of a replica
   */
  record Cluster(String sparkVersion, String master, int replicas, int threads) {}

  static RunRecord of(
      Settings settings,
      ImageSet images,
      ImageSet validationImages,
      String initialWeightsSha256,
      NumericIdentity numerics,
      String sparkVersion,
      String master,
      int replicas,
      int threads) {
    return new RunRecord(
        Versions.ofThisBuild().project(),
        Json.tree(settings.json()),
        settings.origins(),
        Data.of(images),
        Data.of(validationImages),
        initialWeightsSha256,
        settings.train().emaDecay() > 0 ? "averaged" : "last",
        numerics,
        new Cluster(sparkVersion, master, replicas, threads));
  }

  /** Writes the record in place of the one of an earlier start. */
  void writeTo(Folder output) {
    output.write(RunFiles.RECORD, Json.file(this));
  }

  /**
   * Checks that the folder is not another run's. Settings are compared by what they mean, and data
   * and the network that training began with by their digests: they may have moved.
   *
   * @throws DataFailure if it is, with what differs, or if a newer version of this program wrote it
   */
  void check(Folder output) {
    if (output.exists(RunFiles.RECORD)) {
      check(
          output,
          Json.parse(
              output.read(RunFiles.RECORD, RunFiles.MAX_JSON_BYTES),
              JsonNode.class,
              output + "/" + RunFiles.RECORD));
    } else if (output.exists(RunFiles.CHECKPOINTS) || output.exists(RunFiles.METRICS)) {
      throw new DataFailure(
          "%s has what a run leaves and no %s, so that nothing tells which run it is of: give another train.output, or put the file back."
              .formatted(output, RunFiles.RECORD));
    }
  }

  private void check(Folder output, JsonNode before) {
    String origin = output + "/" + RunFiles.RECORD;
    FormatVersion.check(before, FORMAT_VERSION, origin);
    if (!before.path(SETTINGS).isObject()) {
      throw new DataFailure(
          "%s is damaged or of another program: it has no settings. Give another train.output, or put the file back."
              .formatted(origin));
    }
    JsonNode now = Json.tree(Json.line(this));
    List<String> differences = new ArrayList<>(JsonDifferences.between(data(before), data(now)));
    differences.addAll(
        StoredSettings.of(origin, before.path(SETTINGS).toString())
            .differences(
                StoredSettings.of("this run", settings.toString()),
                path -> lasts(path) && !(path.equals(INITIAL_WEIGHTS) && knowsNetworks(before))));
    if (knowsNetworks(before) && !network(before).equals(initialWeightsSha256)) {
      differences.add(
          "%s is another network now, %s, than it was there, %s"
              .formatted(INITIAL_WEIGHTS, initialWeightsSha256, network(before)));
    }
    if (!differences.isEmpty()) {
      throw new DataFailure(
          "%s holds another run: %s. Give another train.output, or the settings of that run to go on with it."
              .formatted(output, String.join("; ", differences)));
    }
    List<String> numeric = JsonDifferences.between(before.path(NUMERICS), now.path(NUMERICS));
    if (!numeric.isEmpty()) {
      LOG.warn(
          "The run goes on with other numerics, so that the last bits may differ: {}",
          String.join("; ", numeric));
    }
  }

  /** Whether the digests of the networks that training began with are known, there and now. */
  private boolean knowsNetworks(JsonNode before) {
    return !network(before).isEmpty() && !initialWeightsSha256.isEmpty();
  }

  private static String network(JsonNode record) {
    return record.path("initial_weights_sha256").asText();
  }

  /** What tells the images of a record from others, wherever they are. */
  private static JsonNode data(JsonNode record) {
    return JsonNodeFactory.instance
        .objectNode()
        .<ObjectNode>set("data", identity(record.path("data")))
        .set("validation data", identity(record.path("validation_data")));
  }

  private static JsonNode identity(JsonNode data) {
    ObjectNode identity = JsonNodeFactory.instance.objectNode();
    IDENTITY.forEach(key -> identity.set(key, data.path(key)));
    return identity;
  }

  /** Whether the setting of a path may not change when the run goes on. */
  private boolean lasts(String path) {
    // With any other schedule the learning rate depends on the number of epochs.
    return FREE_KEYS.stream().noneMatch(key -> path.equals(key) || path.startsWith(key + "."))
        && !(path.equals("train.epochs")
            && settings.at("/train/learning-rate-schedule").asText().equals("constant"));
  }
}
