package flowmatching.work.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.base.settings.StoredSettings;
import flowmatching.means.cluster.TaskSlots;
import flowmatching.means.data.ImageSet;
import flowmatching.means.run.RunFiles;
import flowmatching.means.run.RunRecord;
import flowmatching.means.storage.Folder;
import flowmatching.network.backend.Versions;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which run this is: a folder is resumed only by the run that started there. */
record TrainingIdentity(RunRecord record) {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingIdentity.class);
  private static final String INITIAL_WEIGHTS = "train.initial-weights";
  private static final int FORMAT_VERSION = 1;

  /** What identifies a set of images. Its name is its folder, which may move. */
  private static final List<String> DATA_KEYS =
      List.of("images", "images_sha256", "labels_sha256", "split");

  /** Settings that may change when a run is resumed. */
  private static final List<String> FREE_KEYS =
      List.of(
          "train.output",
          "train.resume",
          "train.checkpoint",
          "train.preview",
          "train.workers",
          "train.patience",
          "train.udp-ports",
          "train.unencrypted-updates",
          "train.precision");

  static TrainingIdentity of(RunContext run, String initialWeightsSha256) {
    SparkContext spark = run.spark().sparkContext();
    return new TrainingIdentity(
        new RunRecord(
            Versions.ofThisBuild().project(),
            "",
            Json.tree(run.settings().json()),
            run.settings().origins(),
            data(run.images()),
            data(run.validationImages()),
            initialWeightsSha256,
            run.averages() ? "averaged" : "last",
            Json.tree(Json.line(run.numerics())),
            new RunRecord.Cluster(
                spark.version(), spark.master(), run.replicas(), new TaskSlots(spark).threads())));
  }

  private static RunRecord.Data data(ImageSet set) {
    return new RunRecord.Data(
        set.name(), set.split().toString(), set.count(), set.imagesSha256(), set.labelsSha256());
  }

  /** The digest of the run in its record and its checkpoints; empty before {@link #check}. */
  String runSha256() {
    return record.runSha256();
  }

  /** Writes the record, in place of that of an earlier start. */
  void writeTo(Folder output) {
    output.write(RunFiles.RECORD, Json.file(record));
  }

  /**
   * Checks that the folder does not hold another run. Settings are compared by their meaning, data
   * and initial weights by their digests, because they may have moved.
   *
   * @return this, with the digest of the run: that of the run's first start, because later versions
   *     of this program have more settings; empty if a version that had none started the run
   * @throws DataFailure if it holds another run, or a newer version of this program wrote it
   */
  TrainingIdentity check(Folder output) {
    if (output.exists(RunFiles.RECORD)) {
      return new TrainingIdentity(record.withRunSha256(checkRecord(output)));
    }
    if (output.exists(RunFiles.CHECKPOINTS) || output.exists(RunFiles.METRICS)) {
      throw new DataFailure(
          "%s has files of a run and no %s, so it is unknown which run they belong to: give another train.output, or restore the file."
              .formatted(output, RunFiles.RECORD));
    }
    return new TrainingIdentity(record.withRunSha256(digest()));
  }

  private String digest() {
    ObjectNode identity = digests(Json.tree(Json.line(record)));
    identity.put("initial_weights_sha256", record.initialWeightsSha256());
    identity.set("model", record.settings().path("model"));
    ObjectNode train = identity.putObject("train");
    record
        .settings()
        .path("train")
        .properties()
        .forEach(
            setting -> {
              String path = "train." + setting.getKey();
              if (mustMatch(path) && !path.equals(INITIAL_WEIGHTS)) {
                train.set(setting.getKey(), setting.getValue());
              }
            });
    return DigestUtils.sha256Hex(Json.line(identity));
  }

  /** Returns the digest of the run; empty if the record has none. */
  private String checkRecord(Folder output) {
    String origin = output + "/" + RunFiles.RECORD;
    // Untyped, because other versions may have written other keys.
    JsonNode before =
        Json.parse(output.read(RunFiles.RECORD, RunFiles.MAX_JSON_BYTES), JsonNode.class, origin);
    FormatVersion.check(before, FORMAT_VERSION, origin);
    JsonNode settings = before.path("settings");
    if (!settings.isObject()) {
      throw new DataFailure(
          "%s is damaged or belongs to another program: it has no settings. Give another train.output, or restore the file."
              .formatted(origin));
    }
    JsonNode now = Json.tree(Json.line(record));
    List<String> differences = new ArrayList<>();
    for (String difference : JsonDifferences.between(digests(before), digests(now))) {
      // The setting that changes it.
      differences.add(difference.replace("data.images is", "data.images (see data.limit) is"));
    }
    String initialWeightsBefore = before.path("initial_weights_sha256").asText();
    String initialWeightsNow = record.initialWeightsSha256();
    boolean digestsKnown = !initialWeightsBefore.isEmpty() && !initialWeightsNow.isEmpty();
    differences.addAll(
        StoredSettings.of(origin, settings.toString())
            .differences(
                StoredSettings.of("this run", record.settings().toString()),
                path -> mustMatch(path) && !(path.equals(INITIAL_WEIGHTS) && digestsKnown)));
    if (digestsKnown && !initialWeightsBefore.equals(initialWeightsNow)) {
      differences.add(
          "%s is the network %s there and %s now"
              .formatted(INITIAL_WEIGHTS, initialWeightsBefore, initialWeightsNow));
    }
    if (!differences.isEmpty()) {
      throw new DataFailure(
          "%s holds another run: %s. Give another train.output, or the settings of that run to resume it."
              .formatted(output, String.join("; ", differences)));
    }
    List<String> numerics = JsonDifferences.between(before.path("numerics"), now.path("numerics"));
    if (!numerics.isEmpty()) {
      LOG.warn(
          "The run continues with different numerics, so the last bits may differ: {}",
          String.join("; ", numerics));
    }
    return before.path("run_sha256").asText();
  }

  private static ObjectNode digests(JsonNode record) {
    ObjectNode digests = JsonNodeFactory.instance.objectNode();
    for (String set : List.of("data", "validation_data")) {
      ObjectNode ofSet = digests.putObject(set.replace('_', ' '));
      DATA_KEYS.forEach(key -> ofSet.set(key, record.path(set).path(key)));
    }
    return digests;
  }

  /** Whether a setting must have the same value when the run is resumed. */
  private boolean mustMatch(String path) {
    // With any other schedule the learning rate depends on the number of epochs.
    return FREE_KEYS.stream().noneMatch(key -> (path + ".").startsWith(key + "."))
        && !(path.equals("train.epochs")
            && record.settings().at("/train/learning-rate-schedule").asText().equals("constant"));
  }
}
