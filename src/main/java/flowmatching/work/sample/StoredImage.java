package flowmatching.work.sample;

import java.util.OptionalInt;

/**
 * An image as a file has it.
 *
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took; empty if the file does not say
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record StoredImage(long id, byte[] png, OptionalInt evaluations) {}
