package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.means.storage.Folder;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalLong;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The {@code identity.json} of a run, written by this release or an earlier one. Keys that the
 * release did not have yet get the value that it implied.
 */
record IdentityFile(ObjectNode content) implements Serializable {
  static final String NAME = "identity.json";
  static final int FORMAT_VERSION = 1;

  private static final String NUMERIC = "numeric";
  private static final String FIRST_ID = "first_id";

  private static final String RUN_SHA256 = "run_sha256";

  /** What the images of a range of ids depend on. */
  private static final List<String> OF_IMAGES =
      List.of("batch_size", "model", NUMERIC, "seed", "solver", "steps", "times", "tolerance");

  /** They say what computes the images and how the seed was chosen, not which images they are. */
  private static final List<String> NOT_REQUESTED =
      List.of(NUMERIC, RUN_SHA256, "seed_of_run_date");

  private static final int MAX_BYTES = 1 << 20;

  static IdentityFile of(SampleIdentity run) {
    ObjectNode content = tree(run);
    content.put(RUN_SHA256, digest(content));
    return new IdentityFile(content);
  }

  static String digest(ObjectNode content) {
    return DigestUtils.sha256Hex(Json.line(content.deepCopy().retain(OF_IMAGES)));
  }

  byte[] bytes() {
    return Json.file(content);
  }

  /**
   * Reads the identity of the run in a folder.
   *
   * @throws DataFailure if it is missing, damaged, changed or of a newer format
   */
  static IdentityFile read(Folder run) {
    var origin = run + "/" + NAME;
    if (!(tree(run.read(NAME, MAX_BYTES), origin) instanceof ObjectNode content)) {
      throw new DataFailure(
          "%s is not a file of SampleJob because it holds no JSON object: remove it, or give another folder."
              .formatted(origin));
    }
    FormatVersion.check(content, FORMAT_VERSION, origin);
    // Release 0.1.0 wrote neither.
    content.putIfAbsent(FormatVersion.KEY, IntNode.valueOf(1));
    content.putIfAbsent(FIRST_ID, IntNode.valueOf(0));
    IdentityFile identity = new IdentityFile(content);
    if (!identity.runSha256().isEmpty() && !identity.runSha256().equals(digest(content))) {
      throw new DataFailure(
          "%s was changed: its run_sha256 is not that of the model, settings and processor in it. Copy the file of this run back, or give another folder."
              .formatted(origin));
    }
    return identity;
  }

  private static JsonNode tree(byte[] bytes, String origin) {
    try {
      return Json.parse(bytes, JsonNode.class, origin);
    } catch (DataFailure e) {
      throw new DataFailure(
          "%s Copy the file of this run back, or give another folder.".formatted(e.getMessage()),
          e);
    }
  }

  /** The digest of the network that made the images; empty if unknown. */
  String model() {
    return content.path("model").asText();
  }

  /** The run's seed; empty if unknown. */
  OptionalLong seed() {
    JsonNode seed = content.path("seed");
    return seed.isIntegralNumber() && seed.canConvertToLong()
        ? OptionalLong.of(seed.longValue())
        : OptionalLong.empty();
  }

  /**
   * The digest of what the images of given ids depend on, which each part of the run has; empty in
   * a run that release 0.1.0 began.
   */
  String runSha256() {
    return content.path(RUN_SHA256).asText();
  }

  long firstId() {
    return content.get(FIRST_ID).asLong();
  }

  long count() {
    return content.path("count").asLong();
  }

  /** The number of ranges of ids, each with an object; 0 if unknown. */
  long ranges() {
    long size = content.path("range_size").asLong();
    return size > 0 ? (count() + size - 1) / size : 0;
  }

  /** The differences in which images are requested, one phrase each, under the settings' names. */
  List<String> differencesFrom(SampleIdentity run) {
    return JsonDifferences.between(
            content.deepCopy().without(NOT_REQUESTED), tree(run).without(NOT_REQUESTED))
        .stream()
        .map(IdentityFile::ofSetting)
        .toList();
  }

  private static String ofSetting(String difference) {
    int end = difference.indexOf(' ');
    return "sample." + difference.substring(0, end).replace('_', '-') + difference.substring(end);
  }

  /** The differences in the processor and the versions, one phrase each. */
  List<String> numericDifferencesFrom(SampleIdentity run) {
    return JsonDifferences.between(content.deepCopy().retain(NUMERIC), tree(run).retain(NUMERIC));
  }

  private static ObjectNode tree(SampleIdentity run) {
    return (ObjectNode) Json.tree(Json.line(run));
  }
}
