package flowmatching.work.sample;

import java.util.OptionalInt;

/**
 * A sample as files store it.
 *
 * @param id its number in its run
 * @param seed the run's {@code sample.seed}; with the id it determines the noise
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record EncodedSample(long id, long seed, byte[] png, int evaluations) {
  StoredImage stored() {
    return new StoredImage(id, png, OptionalInt.of(evaluations));
  }
}
