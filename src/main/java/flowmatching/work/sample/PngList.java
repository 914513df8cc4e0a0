package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A JSON list of the PNG files of a range. A run that writes neither Parquet nor tar files writes
 * it after them, to record that the range is done and how many evaluations it took.
 */
final class PngList {
  private static final int FORMAT_VERSION = 1;

  private PngList() {}

  private record Content(int formatVersion, List<Entry> images) {}

  /** A PNG file: its length, and the evaluations of the velocity that its image took. */
  record Entry(long id, int evaluations, int bytes, String sha256) {}

  static byte[] of(List<EncodedSample> samples) {
    var images =
        samples.stream()
            .map(
                sample ->
                    new Entry(
                        sample.id(),
                        sample.evaluations(),
                        sample.png().length,
                        DigestUtils.sha256Hex(sample.png())))
            .toList();
    return Json.file(new Content(FORMAT_VERSION, images));
  }

  /**
   * Reads the bytes of {@link #of}, with the object's path for the message.
   *
   * @throws flowmatching.base.failure.DataFailure if they are damaged or of a newer format
   */
  static List<Entry> read(byte[] object, String origin) {
    FormatVersion.check(Json.parse(object, JsonNode.class, origin), FORMAT_VERSION, origin);
    return Json.parse(object, Content.class, origin).images();
  }
}
