package flowmatching.work.sample;

import flowmatching.means.image.Png;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A sample as files store it.
 *
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record EncodedSample(long id, Origin origin, byte[] png, int evaluations) {
  static EncodedSample of(IndexedImage sample, Origin origin) {
    return new EncodedSample(sample.id(), origin, Png.encode(sample.image()), sample.evaluations());
  }

  StoredImage stored() {
    return new StoredImage(id, Optional.of(origin), png, OptionalInt.of(evaluations));
  }
}
