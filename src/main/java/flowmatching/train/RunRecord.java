package flowmatching.train;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.backend.NumericIdentity;
import flowmatching.backend.Versions;
import flowmatching.data.ImageSet;
import flowmatching.failure.DataFailure;
import flowmatching.parameterserver.ReplicaLayout;
import flowmatching.settings.Settings;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code run.json}: what a run is made of. A run goes on only as what it began as.
 *
 * @param codeVersion of this program at the last start
 * @param settings all sections
 * @param cluster how it was computed at the last start, which may change
 */
record RunRecord(
    String codeVersion,
    JsonNode settings,
    Data data,
    Data validationData,
    NumericIdentity numerics,
    Cluster cluster) {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecord.class);
  private static final String NAME = "run.json";
  private static final int MAX_BYTES = 1 << 20;

  /** Settings that a run may change when it goes on. */
  private static final List<String> FREE_TRAINING_KEYS =
      List.of("output", "resume", "checkpoint", "preview", "workers");

  /** The images that are trained on. */
  record Data(String name, String split, int images, String imagesSha256, String labelsSha256) {
    static Data of(ImageSet set) {
      return new Data(
          set.name(), set.split().toString(), set.count(), set.imagesSha256(), set.labelsSha256());
    }
  }

  /** Where it was computed. */
  record Cluster(String sparkVersion, String master, int jvms, int replicasPerJvm) {}

  static RunRecord of(
      Settings settings,
      ImageSet images,
      ImageSet validationImages,
      NumericIdentity numerics,
      String sparkVersion,
      String master,
      ReplicaLayout replicas) {
    return new RunRecord(
        Versions.ofThisBuild().project(),
        Json.parse(
            settings.json().getBytes(StandardCharsets.UTF_8), JsonNode.class, "the settings"),
        Data.of(images),
        Data.of(validationImages),
        numerics,
        new Cluster(sparkVersion, master, replicas.jvms(), replicas.perJvm()));
  }

  /** Writes the record in place of the one of an earlier start. */
  void writeTo(Folder output) {
    output.write(NAME, Json.file(this));
  }

  /**
   * Checks that the folder is not another run's.
   *
   * @throws DataFailure where it is, with what differs
   */
  void check(Folder output) {
    if (output.exists(NAME)) {
      String origin = output + "/" + NAME;
      RunRecord before = Json.parse(output.read(NAME, MAX_BYTES), RunRecord.class, origin);
      List<String> differences = new ArrayList<>();
      compare("data", before.data, data, differences);
      compare("the validation data", before.validationData, validationData, differences);
      compare("model", before.settings.path("model"), settings.path("model"), differences);
      compareTraining(before.settings.path("train"), differences);
      if (!differences.isEmpty()) {
        throw new DataFailure(
            "%s holds another run, which differs in %s: give another train.output, or the settings of that run to go on with it."
                .formatted(output, String.join(", ", differences)));
      }
      if (!before.numerics.equals(numerics)) {
        LOG.warn(
            "The run was computed with {} before and goes on with {}: the last bits may differ",
            before.numerics,
            numerics);
      }
    } else if (output.exists("checkpoints")) {
      throw new DataFailure(
          "%s has checkpoints and no %s, so that nothing tells which run they are of: give another train.output, or put the file back."
              .formatted(output, NAME));
    }
  }

  private void compareTraining(JsonNode before, List<String> differences) {
    JsonNode now = settings.path("train");
    boolean constantRate = now.path("learning-rate-schedule").asText().equals("constant");
    now.fieldNames()
        .forEachRemaining(
            key -> {
              boolean free =
                  FREE_TRAINING_KEYS.contains(key) || (key.equals("epochs") && constantRate);
              if (!free) {
                compare("train." + key, before.path(key), now.path(key), differences);
              }
            });
  }

  private static void compare(String what, Object before, Object now, List<String> differences) {
    if (!before.equals(now)) {
      differences.add("%s (%s there, %s here)".formatted(what, before, now));
    }
  }
}
