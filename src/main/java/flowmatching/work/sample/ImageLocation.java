package flowmatching.work.sample;

import java.io.Serializable;

/**
 * Where an image of a set is.
 *
 * @param file name in the folder of the set
 */
public record ImageLocation(long id, String file) implements Serializable {}
