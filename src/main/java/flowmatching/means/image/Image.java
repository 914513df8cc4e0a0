package flowmatching.means.image;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An 8-bit image [C, H, W] with one channel (grey) or three (red, green, blue). Immutable.
 *
 * @param pixels unsigned bytes [C, H, W]; copied when they are set and got
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode are by content.
public record Image(ImageShape shape, byte[] pixels) implements Serializable {
  /**
   * An image of these pixels.
   *
   * @throws IllegalArgumentException if there are neither one nor three channels, no pixels, or the
   *     number of bytes is not C * H * W
   */
  public Image {
    int channels = shape.channels();
    if ((channels != 1 && channels != 3) || shape.height() < 1 || shape.width() < 1) {
      throw new IllegalArgumentException(
          "An image has 1 or 3 channels and at least one pixel, not [%d, %d, %d]"
              .formatted(channels, shape.height(), shape.width()));
    }
    if (pixels.length != shape.values()) {
      throw new IllegalArgumentException(
          "%d bytes are not an image [%d, %d, %d]"
              .formatted(pixels.length, channels, shape.height(), shape.width()));
    }
    pixels = pixels.clone();
  }

  /**
   * The images of a network's output [N, C, H, W], see {@link PixelScale}.
   *
   * @throws RunFailure if a value is infinite or not a number
   * @throws IllegalArgumentException as the constructor does
   */
  public static List<Image> ofNetwork(ImageBatch batch) {
    return IntStream.range(0, batch.images()).mapToObj(place -> ofNetwork(batch, place)).toList();
  }

  private static Image ofNetwork(ImageBatch batch, int place) {
    var pixels = new byte[batch.shape().values()];
    for (int i = 0; i < pixels.length; i++) {
      var value = batch.values()[place * pixels.length + i];
      if (!Float.isFinite(value)) {
        throw new DataFailure(
            "Value %d of an image is %s: the network or the solver diverged. Train with a smaller train.learning-rate, or sample with more sample.steps."
                .formatted(i, value));
      }
      pixels[i] = PixelScale.pixel(value);
    }
    return new Image(batch.shape(), pixels);
  }

  /** A channel's intensity, 0 to 255, at a row from the top and a column from the left. */
  public int at(int channel, int row, int column) {
    return Byte.toUnsignedInt(pixels[(channel * shape.height() + row) * shape.width() + column]);
  }

  @Override
  public byte[] pixels() {
    return pixels.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Image image
        && shape.equals(image.shape)
        && Arrays.equals(pixels, image.pixels);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pixels);
  }
}
