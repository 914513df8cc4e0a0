package flowmatching.network.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/** A native library of Linux in ELF: 64 bits, little endian (System V ABI, chapter 4). */
record ElfFile(Path path) {
  private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2, 1};
  private static final int HEADER_BYTES = 64;
  private static final int SECTION_BYTES = 64;
  private static final int MAX_SECTIONS = 1000;

  /**
   * A section of the file, mapped into memory; empty if the file does not have it.
   *
   * @throws IOException if the file cannot be read, is not such a library, or is damaged
   */
  Optional<ByteBuffer> section(String name) throws IOException {
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      var header = map(channel, 0, HEADER_BYTES);
      var magic = new byte[MAGIC.length];
      header.get(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        throw new IOException("it is not a 64-bit ELF file");
      }
      int count = Short.toUnsignedInt(header.getShort(60));
      int names = Short.toUnsignedInt(header.getShort(62));
      if (Short.toUnsignedInt(header.getShort(58)) != SECTION_BYTES
          || count > MAX_SECTIONS
          || names >= count) {
        throw new IOException("its section table is damaged");
      }
      var sections = map(channel, header.getLong(40), (long) count * SECTION_BYTES);
      var text = content(channel, sections, names);
      for (int i = 0; i < count; i++) {
        if (name(text, sections.getInt(i * SECTION_BYTES)).equals(name)) {
          return Optional.of(content(channel, sections, i));
        }
      }
      return Optional.empty();
    }
  }

  private static ByteBuffer content(FileChannel channel, ByteBuffer sections, int number)
      throws IOException {
    int at = number * SECTION_BYTES;
    return map(channel, sections.getLong(at + 24), sections.getLong(at + 32));
  }

  private static ByteBuffer map(FileChannel channel, long from, long bytes) throws IOException {
    if (from < 0 || bytes < 0 || bytes > Integer.MAX_VALUE || from > channel.size() - bytes) {
      throw new IOException("it ends too early, at byte " + channel.size());
    }
    return channel.map(FileChannel.MapMode.READ_ONLY, from, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String name(ByteBuffer names, int from) throws IOException {
    int end = from;
    while (end >= 0 && end < names.limit() && names.get(end) != 0) {
      end++;
    }
    if (end < 0 || end >= names.limit()) {
      throw new IOException("its section names are damaged");
    }
    var name = new byte[end - from];
    names.get(from, name);
    return new String(name, StandardCharsets.US_ASCII);
  }
}
