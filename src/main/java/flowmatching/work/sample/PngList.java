package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.Sha256;
import java.util.List;

/**
 * A JSON list of the PNG files of a range. A run that writes neither Parquet nor tar files writes
 * it after them, to record that the range is done and how many evaluations it took.
 */
final class PngList {
  private static final int FORMAT_VERSION = 1;

  /** The folder of PNG files, in the run's folder. */
  static final String FOLDER = "png";

  private PngList() {}

  private record Content(int formatVersion, List<Entry> images) {}

  /**
   * A PNG file.
   *
   * @param evaluations of the velocity that its image took
   * @param bytes its length
   */
  record Entry(long id, int evaluations, int bytes, String sha256) {}

  /** The name of an image's file in the run's folder. */
  static String fileName(long id) {
    return FOLDER + "/" + id + ".png";
  }

  static byte[] of(List<EncodedSample> samples) {
    var images =
        samples.stream()
            .map(
                sample ->
                    new Entry(
                        sample.id(),
                        sample.evaluations(),
                        sample.png().length,
                        Sha256.of(sample.png())))
            .toList();
    return Json.file(new Content(FORMAT_VERSION, images));
  }

  /**
   * Reads the bytes of {@link #of}.
   *
   * @param origin the object's path, for the message
   * @throws flowmatching.base.failure.DataFailure if they are damaged or of a newer format
   */
  static List<Entry> read(byte[] object, String origin) {
    FormatVersion.check(Json.parse(object, JsonNode.class, origin), FORMAT_VERSION, origin);
    return Json.parse(object, Content.class, origin).images();
  }
}
