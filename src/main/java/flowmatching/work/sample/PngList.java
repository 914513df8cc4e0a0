package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.base.format.Sha256;
import java.util.List;

/**
 * The PNG files of a range, as a JSON object. It is written after them in a run that writes neither
 * Parquet nor tar, and says what these would: that the range is done, and what it took.
 */
final class PngList {
  private static final int FORMAT_VERSION = 1;

  /** The folder of PNG files in a run's folder. */
  static final String FOLDER = "png";

  private PngList() {}

  /** What the object holds, under these names in snake case. */
  private record Content(int formatVersion, List<Entry> images) {}

  /**
   * A PNG file.
   *
   * @param id of its image
   * @param evaluations of the velocity that it took
   * @param bytes its length
   * @param sha256 of its bytes
   */
  record Entry(long id, int evaluations, int bytes, String sha256) {}

  /** The name of an image's file in the run's folder. */
  static String fileName(long id) {
    return FOLDER + "/" + id + ".png";
  }

  /** The object's bytes. */
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
   * The files that an object of {@link #of} lists, in their order.
   *
   * @param origin the object's path, for the message
   * @throws DataFailure if the bytes are no such object, or one of a newer format
   */
  static List<Entry> read(byte[] object, String origin) {
    FormatVersion.check(Json.parse(object, JsonNode.class, origin), FORMAT_VERSION, origin);
    return Json.parse(object, Content.class, origin).images();
  }
}
