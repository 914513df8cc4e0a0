package flowmatching.means.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The header of a PNG file.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param depth bits of a sample, or of an index into a palette: 1, 2, 4, 8 or 16
 * @param type of its colours: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
 */
record PngHeader(int width, int height, int depth, int type) {
  private static final int BYTES = 13;

  /**
   * Reads the content of an IHDR chunk.
   *
   * @throws IOException with the fault, if it is invalid
   */
  static PngHeader of(byte[] content) throws IOException {
    if (content.length != BYTES) {
      throw new IOException(
          "its header has %d bytes instead of %d".formatted(content.length, BYTES));
    }
    ByteBuffer fields = ByteBuffer.wrap(content);
    int width = fields.getInt();
    int height = fields.getInt();
    if (width < 1 || height < 1) {
      throw new IOException(
          "it has %s x %s pixels (width x height)"
              .formatted(Integer.toUnsignedString(width), Integer.toUnsignedString(height)));
    }
    byte depth = fields.get();
    byte type = fields.get();
    boolean exists =
        switch (type) {
          case 0 -> depth <= 16;
          case 3 -> depth <= 8;
          case 2, 4, 6 -> depth >= 8 && depth <= 16;
          default -> false;
        };
    if (!exists || Integer.bitCount(depth) != 1) {
      throw new IOException(
          "PNG has no colour type %d with a bit depth of %d".formatted(type, depth));
    }
    return new PngHeader(width, height, depth, type);
  }

  boolean hasPalette() {
    return type == 3;
  }

  boolean hasAlpha() {
    return type >= 4;
  }

  /** Channels without alpha: 1 for grey, 3 for RGB and palettes. */
  int channels() {
    return type == 0 || type == 4 ? 1 : 3;
  }

  /** Whether a tRNS chunk has a valid length: alphas of a palette, or one 16-bit colour. */
  boolean canHave(byte[] transparency) {
    int samples = channels() + (hasAlpha() ? 1 : 0);
    return hasPalette() || transparency.length == Short.BYTES * samples;
  }

  int maxSample() {
    return (1 << depth) - 1;
  }
}
