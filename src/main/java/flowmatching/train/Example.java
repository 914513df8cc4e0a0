package flowmatching.train;

import java.io.Serializable;

/**
 * A training image.
 *
 * @param id its number in the data set
 * @param pixels {@code [C, H, W]}, unsigned bytes
 */
// On its way from the files to a minibatch; compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record Example(long id, byte[] pixels) implements Serializable {}
