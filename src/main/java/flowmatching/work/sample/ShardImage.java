package flowmatching.work.sample;

import java.util.OptionalInt;

/**
 * An image of a tar shard.
 *
 * @param id its number in its run
 * @param png the image as a PNG file
 * @param evaluations of the velocity that it took; empty if no JSON file of its key tells them
 */
// Rows on their way out of a file, which are compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record ShardImage(long id, byte[] png, OptionalInt evaluations) {}
