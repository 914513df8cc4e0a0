package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.INDArrayMessage;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;

/**
 * Splits the 64-bit integers of an update's message into parts, and assembles them. DL4J would
 * split the serialised message, using a file; its receiver deserialises an array with a length that
 * can be forged, keeps every incomplete message, and allocates a whole message's memory per part.
 * Here a sender's parts come in order, so that one incomplete message is kept per sender.
 */
final class MessageParts {
  private final int size;
  private final long mostBytes;
  private final Map<String, Incomplete> incomplete = new HashMap<>();

  private record Incomplete(String id, ByteBuffer bytes) {}

  /**
   * @param size bytes of a part; the last may be shorter
   * @param mostBytes of a message
   */
  MessageParts(int size, long mostBytes) {
    this.size = size;
    this.mostBytes = mostBytes;
  }

  /** The parts of a message in order. */
  List<VoidChunk> of(INDArrayMessage message) {
    long[] words = message.getPayload().toLongVector();
    byte[] bytes = new byte[Math.multiplyExact(words.length, Long.BYTES)];
    ByteBuffer.wrap(bytes).asLongBuffer().put(words);
    int number = Math.toIntExact(number(bytes.length));
    List<VoidChunk> parts = new ArrayList<>();
    for (int part = 0; part < number; part++) {
      int from = part * size;
      parts.add(
          VoidChunk.builder()
              .messageId(message.getMessageId() + "/" + part)
              .originalId(message.getMessageId())
              .chunkId(part)
              .numberOfChunks(number)
              .splitSize(size)
              .totalSize(bytes.length)
              .payload(Arrays.copyOfRange(bytes, from, Math.min(from + size, bytes.length)))
              .build());
    }
    return parts;
  }

  /**
   * Checks a received part.
   *
   * @throws IllegalArgumentException if {@link #of} could not have made it
   */
  void check(VoidChunk part) {
    long number = number(part.getTotalSize());
    if (part.getTotalSize() < 1
        || part.getTotalSize() > mostBytes
        || part.getTotalSize() % Long.BYTES != 0
        || part.getSplitSize() != size
        || part.getNumberOfChunks() != number
        || part.getChunkId() < 0
        || part.getChunkId() >= number
        || part.getOriginalId() == null
        || part.getPayload() == null
        || part.getPayload().length != Math.min(size, part.getTotalSize() - from(part))) {
      throw new IllegalArgumentException("the part does not fit any message");
    }
  }

  /**
   * Adds a received part, on one thread.
   *
   * @return the message if this was its last part; the caller closes its array
   * @throws IllegalArgumentException if it is not the sender's next part
   */
  Optional<GradientsUpdateMessage> add(VoidChunk part) {
    check(part);
    String sender = part.getOriginatorId();
    if (part.getChunkId() == 0) {
      // It fits an int: an update is a Java array.
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(part.getTotalSize()));
      incomplete.put(sender, new Incomplete(part.getOriginalId(), bytes));
    }
    Incomplete message = incomplete.get(sender);
    if (message == null
        || !message.id().equals(part.getOriginalId())
        || message.bytes().capacity() != part.getTotalSize()
        || message.bytes().position() != from(part)) {
      throw new IllegalArgumentException(
          "part %d of %d is not the next part of a message"
              .formatted(part.getChunkId(), part.getNumberOfChunks()));
    }
    message.bytes().put(part.getPayload());
    if (message.bytes().hasRemaining()) {
      return Optional.empty();
    }
    incomplete.remove(sender);
    long[] words = new long[message.bytes().capacity() / Long.BYTES];
    message.bytes().rewind().asLongBuffer().get(words);
    GradientsUpdateMessage whole =
        new GradientsUpdateMessage(message.id(), Nd4j.createFromArray(words));
    whole.setOriginatorId(sender);
    return Optional.of(whole);
  }

  /** Offset of a part in its message, in bytes. */
  long from(VoidChunk part) {
    return (long) part.getChunkId() * size;
  }

  private long number(long bytes) {
    return (bytes + size - 1) / size;
  }
}
