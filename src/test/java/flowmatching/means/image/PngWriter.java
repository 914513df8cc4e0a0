package flowmatching.means.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes PNG files by the specification, without ImageIO. Rows use the five filters in turn.
 *
 * @param width in pixels
 * @param height in pixels
 * @param depth bits of a sample
 * @param type colour type: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha
 * @param interlaced by Adam7
 * @param palette content of PLTE; empty for none
 * @param transparency content of tRNS; empty for none
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record PngWriter(
    int width,
    int height,
    int depth,
    int type,
    boolean interlaced,
    byte[] palette,
    byte[] transparency) {
  /** First column, first row, and the steps between columns and rows of each pass. */
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private static final int[][] WHOLE = {{0, 0, 1, 1}};

  /** The samples of a pixel. */
  @FunctionalInterface
  public interface Samples {
    int[] at(int row, int column);
  }

  public static PngWriter of(int width, int height, int depth, int type) {
    return new PngWriter(width, height, depth, type, false, new byte[0], new byte[0]);
  }

  public PngWriter withInterlacing() {
    return new PngWriter(width, height, depth, type, true, palette, transparency);
  }

  /** Red, green and blue of each entry. */
  public PngWriter withPalette(int... entries) {
    return new PngWriter(width, height, depth, type, interlaced, bytes(entries), transparency);
  }

  public PngWriter withTransparency(int... content) {
    return new PngWriter(width, height, depth, type, interlaced, palette, bytes(content));
  }

  public byte[] write(Samples samples) {
    return join(
        signature(),
        header(),
        optional("PLTE", palette),
        optional("tRNS", transparency),
        chunk("IDAT", data(samples)),
        chunk("IEND", new byte[0]));
  }

  static byte[] signature() {
    return bytes(137, 80, 78, 71, 13, 10, 26, 10);
  }

  byte[] header() {
    return chunk(
        "IHDR", join(number(width), number(height), bytes(depth, type, 0, 0, interlaced ? 1 : 0)));
  }

  private static byte[] optional(String type, byte[] content) {
    return content.length == 0 ? content : chunk(type, content);
  }

  /** The compressed pixels. */
  byte[] data(Samples samples) {
    var compressed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(compressed)) {
      for (int[] pass : interlaced ? ADAM7 : WHOLE) {
        write(out, samples, pass);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }

  private void write(DeflaterOutputStream out, Samples samples, int[] pass) throws IOException {
    byte[] before = null;
    for (int row = pass[1], line = 0; row < height && pass[0] < width; row += pass[3], line++) {
      byte[] raw = packed(samples, row, pass);
      byte[] above = before == null ? new byte[raw.length] : before;
      int filter = line % 5;
      out.write(filter);
      for (int i = 0; i < raw.length; i++) {
        int left = i < pixelBytes() ? 0 : raw[i - pixelBytes()] & 0xff;
        int up = above[i] & 0xff;
        int corner = i < pixelBytes() ? 0 : above[i - pixelBytes()] & 0xff;
        int predicted =
            switch (filter) {
              case 1 -> left;
              case 2 -> up;
              case 3 -> (left + up) / 2;
              case 4 -> paeth(left, up, corner);
              default -> 0;
            };
        out.write(raw[i] - predicted);
      }
      before = raw;
    }
  }

  private static int paeth(int left, int up, int corner) {
    int estimate = left + up - corner;
    int toLeft = Math.abs(estimate - left);
    int toUp = Math.abs(estimate - up);
    int toCorner = Math.abs(estimate - corner);
    if (toLeft <= toUp && toLeft <= toCorner) {
      return left;
    }
    return toUp <= toCorner ? up : corner;
  }

  private int pixelBytes() {
    int samples = new int[] {1, 0, 3, 1, 2, 0, 4}[type];
    return Math.max(1, samples * depth / 8);
  }

  private byte[] packed(Samples samples, int row, int[] pass) {
    var bits = new StringBuilder();
    for (int column = pass[0]; column < width; column += pass[2]) {
      for (int sample : samples.at(row, column)) {
        bits.append(Integer.toBinaryString(1 << depth | sample).substring(1));
      }
    }
    bits.append("0".repeat((8 - bits.length() % 8) % 8));
    byte[] packed = new byte[bits.length() / 8];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
    }
    return packed;
  }

  static byte[] chunk(String type, byte[] content) {
    byte[] typed = join(type.getBytes(StandardCharsets.US_ASCII), content);
    var checksum = new CRC32();
    checksum.update(typed);
    return join(number(content.length), typed, number((int) checksum.getValue()));
  }

  private static byte[] number(int value) {
    var bytes = new ByteArrayOutputStream();
    try {
      new DataOutputStream(bytes).writeInt(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }
}
