package flowmatching.flow;

import flowmatching.base.settings.ImageShape;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Images, noise or velocities as floats: {@code [N, C, H, W]}, one image after the other.
 *
 * @param shape {@code [C, H, W]} of each
 * @param values N * C * H * W of them; shared, not copied
 */
// Megabytes, which are compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
public record ImageBatch(ImageShape shape, float[] values) implements Serializable {
  /**
   * A batch.
   *
   * @throws IllegalArgumentException if the values are not those of whole images
   */
  public ImageBatch {
    if (values.length % shape.values() != 0) {
      throw new IllegalArgumentException(
          "%d values are not those of images of %s".formatted(values.length, shape));
    }
  }

  /** So many images of zeros. */
  public static ImageBatch zeros(ImageShape shape, int images) {
    return new ImageBatch(shape, new float[shape.values(images)]);
  }

  /** N. */
  public int images() {
    return values.length / shape.values();
  }

  /** A copy of the images from one, inclusive, to another, exclusive. */
  public ImageBatch slice(int from, int to) {
    int length = shape.values();
    return new ImageBatch(shape, Arrays.copyOfRange(values, from * length, to * length));
  }

  /** A copy of all. */
  ImageBatch copy() {
    return new ImageBatch(shape, values.clone());
  }
}
