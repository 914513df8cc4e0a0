package flowmatching.base.format;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;

/**
 * The version of a file's format, as its key {@code format_version} has it. A file without that key
 * is of version 1. A version that is read stays readable: what it lacks takes the value that it
 * implied, and keys that are not asked for are ignored.
 */
public final class FormatVersion {
  public static final String KEY = "format_version";

  private FormatVersion() {}

  /**
   * Checks that this program reads a file, before the rest of the file is looked at.
   *
   * @param newest the newest version that is read; all from 1 on are
   * @param origin the file's path, for the message
   * @throws DataFailure if the version is newer, or none
   */
  public static void check(JsonNode file, int newest, String origin) {
    JsonNode version = file.path(KEY);
    if (version.isMissingNode()) {
      return;
    }
    if (!version.isIntegralNumber() || version.bigIntegerValue().signum() <= 0) {
      throw new DataFailure(
          "%s has format version %s: a version is a whole number from 1 on. The file is damaged or of another program."
              .formatted(origin, version));
    }
    if (!version.canConvertToInt() || version.intValue() > newest) {
      throw new DataFailure(
          "%s has format version %s, and this program reads versions up to %d: a newer version of this program wrote it. Use that one."
              .formatted(origin, version, newest));
    }
  }
}
