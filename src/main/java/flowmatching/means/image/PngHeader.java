package flowmatching.means.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The header of a PNG file.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param depth bits of a sample, or of an index into a palette: 1, 2, 4, 8 or 16
 */
record PngHeader(int width, int height, int depth, PngColours colours) {
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
    return new PngHeader(width, height, depth, PngColours.of(fields.get(), depth));
  }

  int maxSample() {
    return (1 << depth) - 1;
  }
}
