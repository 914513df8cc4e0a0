package flowmatching.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import flowmatching.failure.DataFailure;
import flowmatching.storage.Json;

/** The version of a JSON file's format; release 0.1.0 wrote none, which is version 1. */
final class FormatVersion {
  private static final String KEY = "format_version";

  private FormatVersion() {}

  /**
   * The content of a file, with its version.
   *
   * @param newest version that is understood
   * @param origin the file's path, for the message
   * @throws DataFailure if the file holds no JSON object, or one of a newer version
   */
  static ObjectNode check(byte[] file, int newest, String origin) {
    if (!(Json.parse(file, JsonNode.class, origin) instanceof ObjectNode content)) {
      throw new DataFailure(
          "%s is no file of SampleJob, since it holds no JSON object: remove it, or give another folder."
              .formatted(origin));
    }
    content.putIfAbsent(KEY, IntNode.valueOf(1));
    var version = content.get(KEY);
    if (!version.isIntegralNumber() || !version.canConvertToInt() || version.intValue() > newest) {
      throw new DataFailure(
          "%s has format version %s, and this program reads versions up to %d: use the version of this program that wrote it."
              .formatted(origin, version, newest));
    }
    return content;
  }
}
