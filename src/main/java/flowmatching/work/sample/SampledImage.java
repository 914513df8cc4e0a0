package flowmatching.work.sample;

import flowmatching.means.image.Image;

/**
 * An image of a network.
 *
 * @param id its number in its run
 * @param evaluations of the velocity that it took; 0 where its file does not say
 */
public record SampledImage(long id, Image image, int evaluations) {}
