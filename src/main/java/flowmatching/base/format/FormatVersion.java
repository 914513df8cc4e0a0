package flowmatching.base.format;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;

/**
 * The format version of a JSON file, in its key {@code format_version}. A file without that key has
 * version 1. All versions stay readable: a missing key has the value that its absence implied, and
 * unknown keys are ignored.
 */
public final class FormatVersion {
  public static final String KEY = "format_version";

  private FormatVersion() {}

  /**
   * Checks that this program can read a file, before anything else of the file is read.
   *
   * @param newest the newest readable version
   * @param origin the file's path, for the message
   * @throws DataFailure if the version is newer or is not a positive integer
   */
  public static void check(JsonNode file, int newest, String origin) {
    JsonNode version = file.path(KEY);
    if (version.isMissingNode()) {
      return;
    }
    if (!version.isIntegralNumber() || version.bigIntegerValue().signum() <= 0) {
      throw new DataFailure(
          "%s has format version %s, but versions are positive integers. The file is damaged or belongs to another program."
              .formatted(origin, version));
    }
    if (!version.canConvertToInt() || version.intValue() > newest) {
      throw new DataFailure(
          "%s has format version %s, but this program reads versions up to %d: a newer version of this program wrote it. Use that version."
              .formatted(origin, version, newest));
    }
  }
}
