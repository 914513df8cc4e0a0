package flowmatching.evaluate;

import flowmatching.failure.DataFailure;
import flowmatching.image.Image;
import flowmatching.sample.SampledImage;
import flowmatching.settings.ImageShape;
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

  /**
   * A sample.
   *
   * @param set that it is of, for the message
   * @param shape that it must have
   * @throws DataFailure where it has another
   */
  static IndexedImage of(SampledImage sample, String set, ImageShape shape) {
    Image image = sample.image();
    ImageShape found = new ImageShape(image.channels(), image.height(), image.width());
    if (!found.equals(shape)) {
      throw new DataFailure(
          "Image %d of %s is %s, and the extractor of features takes %s: evaluate images of that shape, or give another evaluate.extractor."
              .formatted(sample.id(), set, found, shape));
    }
    return new IndexedImage(sample.id(), image.pixels(), sample.evaluations());
  }

  Image image(ImageShape shape) {
    return new Image(shape.channels(), shape.height(), shape.width(), pixels);
  }
}
