package flowmatching.work.sample;

import flowmatching.means.image.Png;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A sample as files store it.
 *
 * @param seed the run's {@code sample.seed}; with the id it determines the noise
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record EncodedSample(long id, long seed, byte[] png, int evaluations) {
  static EncodedSample of(IndexedImage sample, long seed) {
    return new EncodedSample(sample.id(), seed, Png.encode(sample.image()), sample.evaluations());
  }

  StoredImage stored() {
    return new StoredImage(id, OptionalLong.of(seed), png, OptionalInt.of(evaluations));
  }
}
