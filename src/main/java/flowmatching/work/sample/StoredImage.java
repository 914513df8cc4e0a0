package flowmatching.work.sample;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * An image as a file has it.
 *
 * @param origin empty if the file does not say
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took; empty if the file does not say
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record StoredImage(long id, Optional<Origin> origin, byte[] png, OptionalInt evaluations) {}
