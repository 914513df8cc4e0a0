package flowmatching.means.image;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import java.util.List;

/** Converts between pixels, 0 to 255, and the values -1 to 1 of networks. */
public final class PixelScale {
  private static final float HALF = 127.5f;

  private PixelScale() {}

  /**
   * Images as the input of a network: x / 127.5 - 1.
   *
   * @param images unsigned bytes [C, H, W] each
   * @return [N, C, H, W]
   */
  public static ImageBatch batch(ImageShape shape, List<byte[]> images) {
    ImageBatch batch = ImageBatch.zeros(shape, images.size());
    int next = 0;
    for (byte[] image : images) {
      for (byte pixel : image) {
        batch.values()[next++] = Byte.toUnsignedInt(pixel) / HALF - 1;
      }
    }
    return batch;
  }

  /** The pixel of a value: (x + 1) / 2 * 255, rounded, with x clamped to [-1, 1]. */
  static byte pixel(float value) {
    float clamped = Math.max(-1f, Math.min(1f, value));
    return (byte) Math.round((clamped + 1f) / 2f * 255f);
  }
}
