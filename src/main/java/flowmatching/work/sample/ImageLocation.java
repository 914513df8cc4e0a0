package flowmatching.work.sample;

import java.io.Serializable;

/** The file of an image, by its name in the folder of the set. */
public record ImageLocation(long id, String file) implements Serializable {}
