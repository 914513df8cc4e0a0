package flowmatching.means.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes small IDX files, valid and invalid ones. */
final class IdxFixture {
  static final String IMAGES = "train-images-idx3-ubyte";
  static final String COLOUR_IMAGES = "train-images-idx4-ubyte";
  static final String LABELS = "train-labels-idx1-ubyte";

  private IdxFixture() {}

  /** Ten images of 3 rows and 5 columns and their labels: each byte is its offset in the data. */
  static void writeTen(Path folder) throws IOException {
    Files.write(folder.resolve(IMAGES), idx(150, 10, 3, 5));
    Files.write(folder.resolve(LABELS), idx(10, 10));
  }

  /** A header with dimensions, and {@code length} bytes that count from 0 on. */
  static byte[] idx(int length, int... dimensions) {
    var file = ByteBuffer.allocate(4 + 4 * dimensions.length + length);
    file.put(new byte[] {0, 0, 8, (byte) dimensions.length});
    for (int dimension : dimensions) {
      file.putInt(dimension);
    }
    for (int i = 0; i < length; i++) {
      file.put((byte) i);
    }
    return file.array();
  }

  static byte[] gzip(byte[] content) throws IOException {
    var compressed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(compressed)) {
      out.write(content);
    }
    return compressed.toByteArray();
  }
}
