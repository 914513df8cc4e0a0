package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * What a process sends in a step: its own gradient, or the server's sum of all.
 *
 * @param session of the round, to recognise updates of other rounds
 * @param step of the round, from 0
 * @param sender index of the process in the session
 * @param body gradient encoded by {@link GradientCode}
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Update(UUID session, int step, int sender, byte[] body) {
  private static final int MAGIC = 0x464d4755; // FMGU
  private static final int HEADER_BYTES = 5 * Integer.BYTES + 2 * Long.BYTES;

  /** The most bytes of {@link #words} in a session. */
  static long mostBytes(Session session) {
    return HEADER_BYTES + GradientCode.mostBytes(session.length()) + Long.BYTES;
  }

  /** The update as 64-bit integers, for an array of ND4J. */
  long[] words() {
    int words = (HEADER_BYTES + body.length + Long.BYTES - 1) / Long.BYTES;
    ByteBuffer buffer = ByteBuffer.allocate(words * Long.BYTES);
    buffer.putInt(MAGIC);
    buffer.putLong(session.getMostSignificantBits()).putLong(session.getLeastSignificantBits());
    buffer.putInt(step).putInt(sender).putInt(body.length).putInt(checksum(body)).put(body);
    long[] packed = new long[words];
    buffer.rewind().asLongBuffer().get(packed);
    return packed;
  }

  /**
   * Reads an update from its {@link #words}.
   *
   * @throws IllegalArgumentException if they are not an update, with the reason
   */
  static Update of(long[] words) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(words.length, Long.BYTES));
    buffer.asLongBuffer().put(words);
    if (buffer.remaining() < HEADER_BYTES || buffer.getInt() != MAGIC) {
      throw new IllegalArgumentException("it does not have the format of an update");
    }
    UUID session = new UUID(buffer.getLong(), buffer.getLong());
    int step = buffer.getInt();
    int sender = buffer.getInt();
    int length = buffer.getInt();
    int checksum = buffer.getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw new IllegalArgumentException(
          "its length is %d bytes, and %d arrived".formatted(length, buffer.remaining()));
    }
    byte[] body = Arrays.copyOfRange(buffer.array(), HEADER_BYTES, HEADER_BYTES + length);
    if (checksum(body) != checksum) {
      throw new IllegalArgumentException("its checksum is wrong");
    }
    return new Update(session, step, sender, body);
  }

  private static int checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
