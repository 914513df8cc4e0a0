package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.JsonDifferences;
import flowmatching.means.storage.Folder;
import java.util.List;

/**
 * The {@code identity.json} of a run, as this release or an earlier one wrote it. Keys that a
 * release did not know have the value that it implied.
 */
final class IdentityFile {
  static final String NAME = "identity.json";
  static final int FORMAT_VERSION = 1;

  private static final String NUMERIC = "numeric";
  private static final String FIRST_ID = "first_id";

  /** Not what was asked for, but what computes it, and how the seed was chosen. */
  private static final List<String> ASIDE = List.of(NUMERIC, "seed_of_run_date");

  private static final int MAX_BYTES = 1 << 20;

  private final ObjectNode content;

  private IdentityFile(ObjectNode content) {
    this.content = content;
  }

  /**
   * Reads the identity of the run in a folder.
   *
   * @throws flowmatching.base.failure.DataFailure if it is missing, damaged or of a newer format
   */
  static IdentityFile read(Folder run) {
    var origin = run + "/" + NAME;
    if (!(Json.parse(run.read(NAME, MAX_BYTES), JsonNode.class, origin)
        instanceof ObjectNode content)) {
      throw new DataFailure(
          "%s is no file of SampleJob, since it holds no JSON object: remove it, or give another folder."
              .formatted(origin));
    }
    FormatVersion.check(content, FORMAT_VERSION, origin);
    // Release 0.1.0 wrote neither.
    content.putIfAbsent(FormatVersion.KEY, IntNode.valueOf(1));
    content.putIfAbsent(FIRST_ID, IntNode.valueOf(0));
    return new IdentityFile(content);
  }

  /** The digest of the network that made the images; empty if the file does not say. */
  String model() {
    return content.path("model").asText();
  }

  /** The lowest id of its images. */
  long firstId() {
    return content.get(FIRST_ID).asLong();
  }

  /** How many images it has. */
  long count() {
    return content.path("count").asLong();
  }

  /** What differs in the images that are asked for, a phrase each. */
  List<String> differencesFrom(RunIdentity run) {
    return JsonDifferences.between(content.deepCopy().without(ASIDE), tree(run).without(ASIDE));
  }

  /** What differs in the processor and the versions that compute the images, a phrase each. */
  List<String> numericDifferencesFrom(RunIdentity run) {
    return JsonDifferences.between(content.deepCopy().retain(NUMERIC), tree(run).retain(NUMERIC));
  }

  private static ObjectNode tree(RunIdentity run) {
    return Json.parse(run.file(), ObjectNode.class, "this run's identity");
  }
}
