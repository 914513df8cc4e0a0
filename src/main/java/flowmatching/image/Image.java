package flowmatching.image;

import flowmatching.failure.RunFailure;
import java.util.Arrays;

/** An 8-bit image [C, H, W] with one channel (grey) or three (red, green, blue). Immutable. */
public final class Image {
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] pixels;

  /**
   * @param pixels unsigned bytes [C, H, W]; copied
   * @throws IllegalArgumentException where there are neither one nor three channels, no pixels, or
   *     another number of bytes than the sizes say
   */
  public Image(int channels, int height, int width, byte[] pixels) {
    if ((channels != 1 && channels != 3) || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "An image has 1 or 3 channels and at least one pixel, not [%d, %d, %d]"
              .formatted(channels, height, width));
    }
    if (pixels.length != Math.multiplyExact(channels, Math.multiplyExact(height, width))) {
      throw new IllegalArgumentException(
          "%d bytes are no image of [%d, %d, %d]"
              .formatted(pixels.length, channels, height, width));
    }
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = pixels.clone();
  }

  /**
   * The image that a network's values stand for: each is clamped to [-1, 1], then (x + 1) / 2 * 255
   * is rounded to the nearest whole number.
   *
   * @param values floats [C, H, W], -1 for black and 1 for full intensity
   * @throws RunFailure where a value is infinite or not a number
   * @throws IllegalArgumentException as the constructor does
   */
  public static Image ofNetwork(int channels, int height, int width, float[] values) {
    var pixels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new RunFailure(
            ("Value %d of an image is %s: the network or its solver diverged. Train with a smaller"
                    + " train.learning-rate, or sample with more sample.steps.")
                .formatted(i, values[i]));
      }
      var clamped = Math.max(-1f, Math.min(1f, values[i]));
      pixels[i] = (byte) Math.round((clamped + 1f) / 2f * 255f);
    }
    return new Image(channels, height, width, pixels);
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
