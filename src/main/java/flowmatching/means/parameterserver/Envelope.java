package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The header of each message on the wire: the session's id (16 bytes), the sender's index in the
 * session (4) and the length of the message (4). It is checked before the message is assembled or
 * deserialised.
 *
 * @param session its id, which others learn only by reading the network's traffic
 * @param senders indices of the processes that send to this one
 * @param mostBytes of a message
 */
record Envelope(UUID session, Set<Integer> senders, int mostBytes) {
  static final int BYTES = 2 * Long.BYTES + 2 * Integer.BYTES;

  private static final int SENDER_AT = 2 * Long.BYTES;
  private static final int LENGTH_AT = SENDER_AT + Integer.BYTES;

  /** Bytes of a list of members without the members, or of a message without a list. */
  private static final int BYTES_WITHOUT_MEMBERS = 2048;

  private static final int BYTES_PER_MEMBER = 128;

  /** The most bytes of a message in a session: the list of its members, or a part of an update. */
  static int mostBytes(int members) {
    return Math.max(
        AeronProperties.MESSAGE_BYTES,
        Math.addExact(BYTES_WITHOUT_MEMBERS, Math.multiplyExact(BYTES_PER_MEMBER, members)));
  }

  /**
   * Adds the header, and zeros up to a multiple of {@link AeronProperties#MESSAGE_BYTES}.
   *
   * @param sender index of this process in the session
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
   * Checks the header of a message or of its first fragment.
   *
   * @return the index of the sender
   * @throws IllegalArgumentException if the message is not for this process, with the reason
   */
  int check(DirectBuffer buffer, int offset, int length) {
    if (length < BYTES
        || buffer.getLong(offset, ByteOrder.BIG_ENDIAN) != session.getMostSignificantBits()
        || buffer.getLong(offset + Long.BYTES, ByteOrder.BIG_ENDIAN)
            != session.getLeastSignificantBits()) {
      throw new IllegalArgumentException("the sender is not a member of the session");
    }
    int sender = buffer.getInt(offset + SENDER_AT, ByteOrder.BIG_ENDIAN);
    if (!senders.contains(sender)) {
      throw new IllegalArgumentException(
          "the sender is process %d, and this process accepts %s".formatted(sender, senders));
    }
    int announced = announced(buffer, offset);
    if (announced < 1 || announced > mostBytes) {
      throw new IllegalArgumentException(
          "the message has a length of %d bytes, and 1 to %d are allowed"
              .formatted(announced, mostBytes));
    }
    return sender;
  }

  /**
   * Returns the message without its header and padding.
   *
   * @throws IllegalArgumentException if it is not for this process, or not complete
   */
  byte[] open(DirectBuffer buffer, int offset, int length) {
    check(buffer, offset, length);
    int announced = announced(buffer, offset);
    if (announced > length - BYTES) {
      throw new IllegalArgumentException(
          "the message has a length of %d bytes, and %d arrived"
              .formatted(announced, length - BYTES));
    }
    byte[] message = new byte[announced];
    buffer.getBytes(offset + BYTES, message);
    return message;
  }

  private static int announced(DirectBuffer buffer, int offset) {
    return buffer.getInt(offset + LENGTH_AT, ByteOrder.BIG_ENDIAN);
  }
}
