package flowmatching.evaluate;

import java.io.Serializable;

/**
 * An image of a set.
 *
 * @param id its number there
 * @param pixels {@code [C, H, W]}, unsigned bytes
 */
// On its way from files to features; compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record IndexedImage(long id, byte[] pixels) implements Serializable {}
