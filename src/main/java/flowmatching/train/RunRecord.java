package flowmatching.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import flowmatching.backend.NumericIdentity;
import flowmatching.backend.Versions;
import flowmatching.data.ImageSet;
import flowmatching.failure.DataFailure;
import flowmatching.report.RunFiles;
import flowmatching.settings.Settings;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import flowmatching.storage.JsonDifferences;
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
 * @param cluster how it was computed at the last start, which may change
 */
record RunRecord(
    String codeVersion,
    JsonNode settings,
    Map<String, String> origins,
    Data data,
    Data validationData,
    NumericIdentity numerics,
    Cluster cluster) {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecord.class);
  private static final String NUMERICS = "numerics";

  /** Settings that a run may change when it goes on. */
  private static final List<String> FREE_TRAINING_KEYS =
      List.of(
          "output",
          "resume",
          "checkpoint",
          "preview",
          "workers",
          "patience",
          "udp-ports",
          "unencrypted-updates");

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
        numerics,
        new Cluster(sparkVersion, master, replicas, threads));
  }

  /** Writes the record in place of the one of an earlier start. */
  void writeTo(Folder output) {
    output.write(RunFiles.RECORD, Json.file(this));
  }

  /**
   * Checks that the folder is not another run's.
   *
   * @throws DataFailure where it is, with what differs
   */
  void check(Folder output) {
    if (output.exists(RunFiles.RECORD)) {
      JsonNode before =
          Json.parse(
              output.read(RunFiles.RECORD, RunFiles.MAX_JSON_BYTES),
              JsonNode.class,
              output + "/" + RunFiles.RECORD);
      JsonNode now = Json.parse(Json.file(this), JsonNode.class, "this run's record");
      List<String> differences = JsonDifferences.between(lasting(before), lasting(now));
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
    } else if (output.exists(RunFiles.CHECKPOINTS)) {
      throw new DataFailure(
          "%s has checkpoints and no %s, so that nothing tells which run they are of: give another train.output, or put the file back."
              .formatted(output, RunFiles.RECORD));
    }
  }

  /** What a record says that may not change when the run goes on. */
  private static JsonNode lasting(JsonNode record) {
    JsonNode train = record.at("/settings/train").deepCopy();
    if (train instanceof ObjectNode keys) {
      keys.remove(FREE_TRAINING_KEYS);
      // Records of before this key was there.
      keys.putIfAbsent("initial-weights", TextNode.valueOf("random"));
      if (keys.path("learning-rate-schedule").asText().equals("constant")) {
        keys.remove("epochs");
      }
    }
    return JsonNodeFactory.instance
        .objectNode()
        .<ObjectNode>set("data", record.path("data"))
        .<ObjectNode>set("validation data", record.path("validation_data"))
        .<ObjectNode>set("model", record.at("/settings/model"))
        .set("train", train);
  }
}
