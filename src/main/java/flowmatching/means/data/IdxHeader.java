package flowmatching.means.data;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The header of an IDX file of unsigned bytes: two zero bytes, the element type, the number of
 * dimensions, and each dimension as a big-endian integer.
 *
 * @param dimensions [records, ...], each at least 1; the product of all but the first is at most
 *     {@link #MAX_RECORD}, so that no length overflows
 */
record IdxHeader(List<Integer> dimensions) implements Serializable {
  /** The most bytes of a record (an image), which becomes one array. */
  static final int MAX_RECORD = 1 << 30;

  /** What to do with QMNIST's labels. */
  static final String QMNIST =
      "QMNIST's labels are [N, 8] of 32-bit integers: write the first column, which is the class,"
          + " as unsigned bytes [N].";

  private static final int UNSIGNED_BYTE = 0x08;
  private static final int INTEGER = 0x0c;
  private static final int MAGIC_LENGTH = 4;
  private static final String GZIP = "0x1f8b";

  /** Reads the header of a stream whose name says how many dimensions to expect. */
  static IdxHeader read(IdxStream stream, int expected) {
    byte[] magic = stream.read(MAGIC_LENGTH);
    String start = "0x%02x%02x".formatted(magic[0], magic[1]);
    if (!start.equals("0x0000")) {
      throw stream.refused(
          0, start, "0x0000, the start of an IDX file", otherStart(start, stream.isCompressed()));
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw stream.refused(
          2,
          "element type 0x%02x".formatted(magic[2]),
          "0x08 (unsigned byte)",
          otherType(magic[2], expected));
    }
    int count = Byte.toUnsignedInt(magic[3]);
    if (count != expected) {
      throw stream.refused(3, kind(count), kind(expected), otherCount(count, expected));
    }
    var dimensions = new ArrayList<Integer>(count);
    long record = 1;
    for (int i = 0; i < count; i++) {
      long offset = stream.position();
      int dimension = ByteBuffer.wrap(stream.read(Integer.BYTES)).getInt();
      if (dimension < 1) {
        throw stream.refused(
            offset,
            "dimension %d of %d to be %d"
                .formatted(i + 1, count, Integer.toUnsignedLong(dimension)),
            "1 to " + Integer.MAX_VALUE);
      }
      dimensions.add(dimension);
      record = i == 0 ? 1 : record * dimension;
      if (record > MAX_RECORD) {
        throw stream.refused(
            offset,
            "images of shape %s and more than %d bytes"
                .formatted(dimensions.subList(1, i + 1), MAX_RECORD),
            "smaller images");
      }
    }
    return new IdxHeader(List.copyOf(dimensions));
  }

  int records() {
    return dimensions.get(0);
  }

  /** Bytes per record. */
  int recordLength() {
    return dimensions.stream().skip(1).reduce(1, (a, b) -> a * b);
  }

  /** Bytes before the first record. */
  int length() {
    return MAGIC_LENGTH + Integer.BYTES * dimensions.size();
  }

  /** Bytes before a record; for {@link #records()}, the length of the whole uncompressed file. */
  long offset(long record) {
    return length() + record * recordLength();
  }

  private static String kind(int dimensions) {
    return switch (dimensions) {
      case 1 -> "1 dimension (labels)";
      case 3 -> "3 dimensions (grey images)";
      case 4 -> "4 dimensions (images with channels)";
      default -> dimensions + " dimensions";
    };
  }

  private static String otherStart(String start, boolean isCompressed) {
    if (!start.equals(GZIP)) {
      return IdxStream.DAMAGED;
    }
    return isCompressed
        ? "The file is compressed twice: decompress it once, and keep its name."
        : "The file is compressed by gzip: add .gz to its name.";
  }

  private static String otherType(byte type, int expected) {
    String fix = "Write its values as unsigned bytes, 0 to 255.";
    return type == INTEGER && expected == 1 ? fix + " " + QMNIST : fix;
  }

  private static String otherCount(int count, int expected) {
    boolean areImages = count >= 3 && count <= 4 && expected >= 3;
    return areImages
        ? "The name has the number of dimensions: rename the file to idx" + count + "."
        : IdxStream.DAMAGED;
  }
}
