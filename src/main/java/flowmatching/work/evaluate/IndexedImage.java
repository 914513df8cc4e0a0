package flowmatching.work.evaluate;

import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.Image;
import flowmatching.work.sample.SampledImage;
import java.io.Serializable;

/**
 * An image of a set.
 *
 * @param id its number there
 * @param pixels {@code [C, H, W]}, unsigned bytes
 * @param evaluations of a network that it took, where it is a network's
 */
// On its way from files to features; compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record IndexedImage(long id, byte[] pixels, int evaluations) implements Serializable {

  static IndexedImage of(SampledImage sample) {
    return new IndexedImage(sample.id(), sample.image().pixels(), sample.evaluations());
  }

  Image image(ImageShape shape) {
    return new Image(shape.channels(), shape.height(), shape.width(), pixels);
  }
}
