package flowmatching.work.sample;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An image as a file has it.
 *
 * @param seed the run's {@code sample.seed}; empty if the file does not say
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took; empty if the file does not say
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record StoredImage(long id, OptionalLong seed, byte[] png, OptionalInt evaluations) {
  /** Whether the file says that the image is of another seed. */
  boolean isOfAnotherSeed(long ofRun) {
    return seed.isPresent() && seed.getAsLong() != ofRun;
  }
}
