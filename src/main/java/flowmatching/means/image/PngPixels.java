package flowmatching.means.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The colours of a PNG file's samples, without gamma and colour profiles.
 *
 * @param samples the file's: an index into its palette or one to four samples per pixel
 */
record PngPixels(PngChunks chunks, Raster samples) {
  private static final int MAX_INTENSITY = 255;

  /**
   * Red, green and blue of a pixel, 0 to 255.
   *
   * @throws IOException with the reason, if the pixel is transparent or not in the palette
   */
  int[] at(int row, int column) throws IOException {
    int[] pixel = samples.getPixel(column, row, (int[]) null);
    int[] rgb = chunks.header().hasPalette() ? ofPalette(pixel[0], row, column) : ofSamples(pixel);
    if (!isOpaque(pixel)) {
      throw new IOException(
          "its pixel in row %d, column %d is transparent, so its colour depends on the background; put it on a background first (ImageMagick: magick mogrify -background black -alpha remove -alpha off FILE)"
              .formatted(row, column));
    }
    return rgb;
  }

  private int[] ofPalette(int index, int row, int column) throws IOException {
    byte[] palette = chunks.palette();
    if (3 * index >= palette.length) {
      throw new IOException(
          "its pixel in row %d, column %d is entry %d of a palette that has %d (the first is 0)"
              .formatted(row, column, index, palette.length / 3));
    }
    return new int[] {
      Byte.toUnsignedInt(palette[3 * index]),
      Byte.toUnsignedInt(palette[3 * index + 1]),
      Byte.toUnsignedInt(palette[3 * index + 2])
    };
  }

  private int[] ofSamples(int[] pixel) {
    int red = intensity(pixel[0]);
    return chunks.header().channels() == 1
        ? new int[] {red, red, red}
        : new int[] {red, intensity(pixel[1]), intensity(pixel[2])};
  }

  /** From 0 to 255, rounded to the nearest. Exact for fewer than 16 bits. */
  private int intensity(int sample) {
    int max = chunks.header().maxSample();
    return (MAX_INTENSITY * sample + max / 2) / max;
  }

  private boolean isOpaque(int[] pixel) {
    byte[] transparency = chunks.transparency();
    if (chunks.header().hasAlpha()) {
      return pixel[pixel.length - 1] == chunks.header().maxSample();
    }
    if (chunks.header().hasPalette()) {
      return pixel[0] >= transparency.length
          || Byte.toUnsignedInt(transparency[pixel[0]]) == MAX_INTENSITY;
    }
    return transparency.length == 0 || !hasColour(ByteBuffer.wrap(transparency), pixel);
  }

  /** Whether a pixel has the one transparent colour. */
  private boolean hasColour(ByteBuffer transparent, int[] pixel) {
    for (int sample : pixel) {
      if ((Short.toUnsignedInt(transparent.getShort()) & chunks.header().maxSample()) != sample) {
        return false;
      }
    }
    return true;
  }
}
