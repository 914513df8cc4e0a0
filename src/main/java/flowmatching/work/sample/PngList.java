package flowmatching.work.sample;

import com.fasterxml.jackson.databind.JsonNode;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.FormatVersion;
import flowmatching.base.format.Json;
import flowmatching.means.storage.Folder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A JSON list of the PNG files of a range. A run that writes neither Parquet nor tar files writes
 * it after them, to record that the range is done, which run made it and how many evaluations it
 * took.
 */
record PngList(int formatVersion, Origin origin, List<Entry> images) {
  private static final int FORMAT_VERSION = 1;
  static final int MAX_PNG_BYTES = 64 << 20;

  /** A PNG file, and the evaluations of the velocity that its image took. */
  record Entry(long id, int evaluations, String sha256) {}

  /** The list of at least one image. */
  static byte[] of(List<EncodedSample> samples) {
    var images =
        samples.stream()
            .map(
                sample ->
                    new Entry(
                        sample.id(), sample.evaluations(), DigestUtils.sha256Hex(sample.png())))
            .toList();
    return Json.file(new PngList(FORMAT_VERSION, samples.get(0).origin(), images));
  }

  /**
   * Reads the bytes of {@link #of}, with the object's path for the message.
   *
   * @throws DataFailure if they are damaged or of a newer format
   */
  static PngList read(byte[] object, String origin) {
    FormatVersion.check(tree(object, origin), FORMAT_VERSION, origin);
    return Json.parseTolerantly(object, PngList.class, origin);
  }

  private static JsonNode tree(byte[] object, String origin) {
    try {
      return Json.parse(object, JsonNode.class, origin);
    } catch (DataFailure e) {
      throw new DataFailure(
          "%s Copy the file again, or delete it and _SUCCESS and run SampleJob again to make it."
              .formatted(e.getMessage()),
          e);
    }
  }

  /**
   * The images, read from the run's folder when consumed.
   *
   * @param name of this list, for the message
   * @throws DataFailure if a file is missing or has other bytes than those listed
   */
  Stream<StoredImage> images(Folder run, String name) {
    return images.stream()
        .map(
            entry -> {
              String file = ImageNames.ofFile(entry.id());
              byte[] png = run.read(file, MAX_PNG_BYTES);
              if (!DigestUtils.sha256Hex(png).equals(entry.sha256())) {
                throw new DataFailure(
                    "%s/%s is not the picture that the run made, as its sha256 in %s shows: copy that picture back, or delete the file and _SUCCESS and run SampleJob again to make it."
                        .formatted(run, file, name));
              }
              return new StoredImage(
                  entry.id(), Optional.of(origin), png, OptionalInt.of(entry.evaluations()));
            });
  }
}
