package flowmatching.work.sample;

/**
 * A finished sample.
 *
 * @param id the image's number in its run
 * @param seed the run's {@code sample.seed}; with the id it determines the image's noise
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took
 */
// Rows on their way into a file, which are compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record EncodedSample(long id, long seed, byte[] png, int evaluations) {}
