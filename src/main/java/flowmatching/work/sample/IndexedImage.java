package flowmatching.work.sample;

import flowmatching.means.image.Image;
import java.io.Serializable;

/**
 * An image of a set.
 *
 * @param evaluations of the velocity that it took; 0 if unknown or not sampled
 */
public record IndexedImage(long id, Image image, int evaluations) implements Serializable {}
