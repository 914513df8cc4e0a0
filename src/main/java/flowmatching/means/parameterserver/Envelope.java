package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The first bytes of each message on the wire. They say whose message it is, and are checked before
 * anything of the message is put together or deserialised: the session's id (16 bytes), the place
 * of the sender in the session (4) and the length of the message (4).
 *
 * @param session its id, which no other process knows unless it reads the network
 * @param senders the places of the processes that send to this one
 * @param mostBytes of a message
 */
record Envelope(UUID session, Set<Integer> senders, int mostBytes) {
  static final int BYTES = 2 * Long.BYTES + 2 * Integer.BYTES;

  private static final int SENDER_AT = 2 * Long.BYTES;
  private static final int LENGTH_AT = SENDER_AT + Integer.BYTES;

  /** What a list of members takes without its members, or a message without such a list. */
  private static final int BYTES_WITHOUT_MEMBERS = 2048;

  private static final int BYTES_PER_MEMBER = 128;

  /** The most bytes of a message in a session of so many members: the list of them, or a part. */
  static int mostBytes(int members) {
    return Math.max(
        AeronProperties.MESSAGE_BYTES,
        Math.addExact(BYTES_WITHOUT_MEMBERS, Math.multiplyExact(BYTES_PER_MEMBER, members)));
  }

  /**
   * A message as it is sent. Zeros behind its end fill the last frame, see {@link
   * AeronProperties#MESSAGE_BYTES}.
   *
   * @param sender the place of this process in the session
   */
  DirectBuffer around(int sender, byte[] message) {
    int unit = AeronProperties.MESSAGE_BYTES;
    int units = (BYTES + message.length - 1) / unit + 1;
    ByteBuffer bytes = ByteBuffer.allocate(units * unit);
    bytes.putLong(session.getMostSignificantBits()).putLong(session.getLeastSignificantBits());
    bytes.putInt(sender).putInt(message.length).put(message);
    return new UnsafeBuffer(bytes.array());
  }

  /**
   * Checks what has come over the network, or the first fragment of it.
   *
   * @return the place of the sender
   * @throws IllegalArgumentException if it is not for this process, with what is wrong
   */
  int check(DirectBuffer buffer, int offset, int length) {
    if (length < BYTES
        || buffer.getLong(offset, ByteOrder.BIG_ENDIAN) != session.getMostSignificantBits()
        || buffer.getLong(offset + Long.BYTES, ByteOrder.BIG_ENDIAN)
            != session.getLeastSignificantBits()) {
      throw new IllegalArgumentException("their sender is no member of the session");
    }
    int sender = buffer.getInt(offset + SENDER_AT, ByteOrder.BIG_ENDIAN);
    if (!senders.contains(sender)) {
      throw new IllegalArgumentException(
          "they say to be from process %d, and this process hears %s".formatted(sender, senders));
    }
    int announced = announced(buffer, offset);
    if (announced < 1 || announced > mostBytes) {
      throw new IllegalArgumentException(
          "they announce a message of %d bytes, and 1 to %d are allowed"
              .formatted(announced, mostBytes));
    }
    return sender;
  }

  /**
   * The message in what has come over the network as a whole.
   *
   * @throws IllegalArgumentException if it is not for this process, or not whole
   */
  byte[] open(DirectBuffer buffer, int offset, int length) {
    check(buffer, offset, length);
    int announced = announced(buffer, offset);
    if (announced > length - BYTES) {
      throw new IllegalArgumentException(
          "they announce a message of %d bytes, and hold %d".formatted(announced, length - BYTES));
    }
    byte[] message = new byte[announced];
    buffer.getBytes(offset + BYTES, message);
    return message;
  }

  private static int announced(DirectBuffer buffer, int offset) {
    return buffer.getInt(offset + LENGTH_AT, ByteOrder.BIG_ENDIAN);
  }
}
