package flowmatching.flow;

import flowmatching.base.settings.ImageShape;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Images, noise or velocities as floats: {@code [N, C, H, W]} in row-major order.
 *
 * @param values all N * C * H * W values; shared, not copied
 */
// Instances are never compared.
@SuppressWarnings("ArrayRecordComponent")
public record ImageBatch(ImageShape shape, float[] values) implements Serializable {
  /**
   * @throws IllegalArgumentException if the values do not make whole images
   */
  public ImageBatch {
    if (values.length % shape.values() != 0) {
      throw new IllegalArgumentException(
          "%d values do not make whole images of %s".formatted(values.length, shape));
    }
  }

  /**
   * {@code [images, C, H, W]}.
   *
   * @throws flowmatching.base.failure.ConfigurationFailure if an array cannot hold them
   */
  public static ImageBatch zeros(ImageShape shape, int images) {
    return new ImageBatch(shape, new float[shape.values(images)]);
  }

  public int images() {
    return values.length / shape.values();
  }

  /** A copy of images {@code [from, to)}. */
  public ImageBatch slice(int from, int to) {
    int length = shape.values();
    return new ImageBatch(shape, Arrays.copyOfRange(values, from * length, to * length));
  }

  ImageBatch copy() {
    return new ImageBatch(shape, values.clone());
  }
}
