package flowmatching.means.image;

import flowmatching.base.failure.RunFailure;
import flowmatching.flow.ImageBatch;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** An 8-bit image [C, H, W] with one channel (grey) or three (red, green, blue). Immutable. */
public final class Image implements Serializable {
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] pixels;

  /**
   * @param pixels unsigned bytes [C, H, W]; copied
   * @throws IllegalArgumentException if there are neither one nor three channels, no pixels, or the
   *     number of bytes is not C * H * W
   */
  public Image(int channels, int height, int width, byte[] pixels) {
    if ((channels != 1 && channels != 3) || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "An image has 1 or 3 channels and at least one pixel, not [%d, %d, %d]"
              .formatted(channels, height, width));
    }
    if (pixels.length != Math.multiplyExact(channels, Math.multiplyExact(height, width))) {
      throw new IllegalArgumentException(
          "%d bytes are not an image [%d, %d, %d]"
              .formatted(pixels.length, channels, height, width));
    }
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = pixels.clone();
  }

  /**
   * The images of a network's output, see {@link PixelScale}.
   *
   * @param batch [N, C, H, W]
   * @throws RunFailure if a value is infinite or not a number
   * @throws IllegalArgumentException as the constructor does
   */
  public static List<Image> ofNetwork(ImageBatch batch) {
    return IntStream.range(0, batch.images()).mapToObj(place -> ofNetwork(batch, place)).toList();
  }

  private static Image ofNetwork(ImageBatch batch, int place) {
    var shape = batch.shape();
    var pixels = new byte[shape.values()];
    for (int i = 0; i < pixels.length; i++) {
      var value = batch.values()[place * pixels.length + i];
      if (!Float.isFinite(value)) {
        throw new RunFailure(
            "Value %d of an image is %s: the network or the solver diverged. Train with a smaller train.learning-rate, or sample with more sample.steps."
                .formatted(i, value));
      }
      pixels[i] = PixelScale.pixel(value);
    }
    return new Image(shape.channels(), shape.height(), shape.width(), pixels);
  }

  public int channels() {
    return channels;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** A channel's intensity, 0 to 255, at a row from the top and a column from the left. */
  public int at(int channel, int row, int column) {
    return Byte.toUnsignedInt(pixels[(channel * height + row) * width + column]);
  }

  /** A copy of the pixels: unsigned bytes [C, H, W]. */
  public byte[] pixels() {
    return pixels.clone();
  }

  boolean sameShape(Image other) {
    return channels == other.channels && height == other.height && width == other.width;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Image image && sameShape(image) && Arrays.equals(pixels, image.pixels);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pixels);
  }
}
