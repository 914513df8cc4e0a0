package flowmatching.train;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.failure.DataFailure;
import flowmatching.parameterserver.ReplicaLayout;
import flowmatching.settings.Settings;
import flowmatching.storage.Folder;
import flowmatching.storage.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code run.json}: what a run is made of. A run goes on only as what it began as.
 *
 * @param settings all sections
 * @param cluster how it was computed at the last start, which may change
 */
record RunRecord(JsonNode settings, Data data, NumericIdentity numerics, Cluster cluster) {
  private static final String NAME = "run.json";
  private static final int MAX_BYTES = 1 << 20;

  /** Settings that a run may change when it goes on. */
  private static final List<String> FREE_TRAINING_KEYS =
      List.of("output", "resume", "preview", "workers");

  /** The images that are trained on. */
  record Data(String name, String split, int images, String imagesSha256, String labelsSha256) {}

  /** Where it was computed. */
  record Cluster(String sparkVersion, String master, int jvms, int replicasPerJvm) {}

  static RunRecord of(
      Settings settings,
      ImageSet images,
      NumericIdentity numerics,
      String sparkVersion,
      String master,
      ReplicaLayout replicas) {
    return new RunRecord(
        Json.parse(
            settings.json().getBytes(StandardCharsets.UTF_8), JsonNode.class, "the settings"),
        new Data(
            images.name(),
            images.split().toString(),
            images.count(),
            images.imagesSha256(),
            images.labelsSha256()),
        numerics,
        new Cluster(sparkVersion, master, replicas.jvms(), replicas.perJvm()));
  }

  /**
   * Writes the record, unless the folder is another run's.
   *
   * @throws DataFailure where it is, with what differs
   */
  void writeTo(Folder output) {
    if (output.exists(NAME)) {
      String origin = output + "/" + NAME;
      RunRecord before = Json.parse(output.read(NAME, MAX_BYTES), RunRecord.class, origin);
      List<String> differences = new ArrayList<>();
      compare("data", Json.line(before.data), Json.line(data), differences);
      compare("model", before.settings.path("model"), settings.path("model"), differences);
      compareTraining(before.settings.path("train"), differences);
      if (!differences.isEmpty()) {
        throw new DataFailure(
            "%s holds another run, which differs in %s: give another train.output, or the settings of that run to go on with it."
                .formatted(output, String.join(", ", differences)));
      }
    }
    output.write(NAME, Json.file(this));
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
