package flowmatching.means.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file that its pixels depend on. ImageIO ignores wrong checksums, so they are
 * checked here.
 *
 * @param palette red, green and blue of each entry; empty if missing, but not if pixels need it
 * @param transparency content of the tRNS chunk; empty if missing
 * @param file the PNG file with header, palette that pixels need and pixels only, so that no
 *     ancillary chunk (such as transparency, gamma, a colour profile or text) affects the decoder
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record PngChunks(PngHeader header, byte[] palette, byte[] transparency, byte[] file) {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;

  /** Length, type and checksum. */
  private static final int CHUNK_OVERHEAD_BYTES = 12;

  private static final Set<String> CRITICAL = Set.of("IHDR", "PLTE", "IDAT", "IEND");

  static boolean isPng(byte[] file) {
    return file.length >= Long.BYTES && ByteBuffer.wrap(file).getLong() == SIGNATURE;
  }

  /**
   * Reads the chunks of a file that {@link #isPng}.
   *
   * @throws IOException with the fault, if the file is truncated, damaged or invalid
   */
  static PngChunks of(byte[] file) throws IOException {
    var critical = new ByteArrayOutputStream(file.length);
    critical.write(file, 0, Long.BYTES);
    Map<String, byte[]> contents = new HashMap<>();
    String type = "";
    for (int at = Long.BYTES; !type.equals("IEND"); ) {
      byte[] content = content(file, at);
      type = new String(file, at + Integer.BYTES, Integer.BYTES, StandardCharsets.ISO_8859_1);
      if (contents.isEmpty() && !type.equals("IHDR")) {
        throw new IOException("its first chunk is not the header");
      }
      // As in other readers, a palette is ignored in grey, and is only a suggestion in RGB.
      if (CRITICAL.contains(type)
          && (!type.equals("PLTE") || PngHeader.of(contents.get("IHDR")).hasPalette())) {
        critical.write(file, at, content.length + CHUNK_OVERHEAD_BYTES);
      } else if (!CRITICAL.contains(type) && Character.isUpperCase(type.charAt(0))) {
        throw new IOException("its chunk at byte %d is of an unknown critical type".formatted(at));
      }
      if (contents.put(type, content) != null && Set.of("IHDR", "PLTE", "tRNS").contains(type)) {
        throw new IOException("it has two %s chunks".formatted(type));
      }
      at += content.length + CHUNK_OVERHEAD_BYTES;
    }
    PngHeader header = PngHeader.of(contents.get("IHDR"));
    byte[] palette = contents.getOrDefault("PLTE", new byte[0]);
    byte[] transparency = contents.getOrDefault("tRNS", new byte[0]);
    if (header.hasPalette() && palette.length == 0) {
      throw new IOException("its pixels are entries of a palette, which is missing (PLTE chunk)");
    }
    if (palette.length % 3 != 0) {
      throw new IOException(
          "its palette has %d bytes, not three per entry".formatted(palette.length));
    }
    if (contents.containsKey("tRNS") && !header.canHave(transparency)) {
      throw new IOException("its tRNS chunk has %d bytes".formatted(transparency.length));
    }
    return new PngChunks(header, palette, transparency, critical.toByteArray());
  }

  /** The content of the chunk that starts at an offset. */
  private static byte[] content(byte[] file, int at) throws IOException {
    int available = file.length - at - CHUNK_OVERHEAD_BYTES;
    ByteBuffer buffer = ByteBuffer.wrap(file);
    int length = available < 0 ? 0 : buffer.getInt(at);
    if (length < 0 || length > available) {
      throw new IOException("it ends within the chunk at byte %d".formatted(at));
    }
    int content = at + 2 * Integer.BYTES;
    var checksum = new CRC32();
    checksum.update(file, at + Integer.BYTES, Integer.BYTES + length);
    if ((int) checksum.getValue() != buffer.getInt(content + length)) {
      throw new IOException("the checksum of the chunk at byte %d is wrong".formatted(at));
    }
    return Arrays.copyOfRange(file, content, content + length);
  }
}
