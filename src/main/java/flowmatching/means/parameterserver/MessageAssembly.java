package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;

/**
 * Makes messages of parts again. A sender's parts come in their order, one message after the other,
 * so that no more is kept than a message per sender. DL4J's own way keeps as many as are begun, and
 * takes the memory of the whole message for each part.
 *
 * <p>It is not for several threads.
 */
final class MessageAssembly {
  private final MessageParts parts;
  private final Map<String, Begun> begun = new HashMap<>();

  MessageAssembly(MessageParts parts) {
    this.parts = parts;
  }

  /** A message of which some parts are there. */
  private record Begun(String id, ByteBuffer bytes) {}

  /**
   * Adds a part.
   *
   * @return the message if this was its last part; its array is the caller's to close
   * @throws IllegalArgumentException if it is not the part that its sender must send next
   */
  Optional<GradientsUpdateMessage> add(VoidChunk part) {
    parts.check(part);
    if (part.getChunkId() == 0) {
      // It has at most as many bytes as an update, which is an array of Java's.
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(part.getTotalSize()));
      begun.put(part.getOriginatorId(), new Begun(part.getOriginalId(), bytes));
    }
    Begun message = begun.get(part.getOriginatorId());
    if (message == null
        || !message.id().equals(part.getOriginalId())
        || message.bytes().capacity() != part.getTotalSize()
        || message.bytes().position() != parts.from(part)) {
      throw new IllegalArgumentException(
          "part %d of %d is not the next part of a message"
              .formatted(part.getChunkId(), part.getNumberOfChunks()));
    }
    message.bytes().put(part.getPayload());
    if (message.bytes().hasRemaining()) {
      return Optional.empty();
    }
    begun.remove(part.getOriginatorId());
    return Optional.of(whole(message, part.getOriginatorId()));
  }

  private static GradientsUpdateMessage whole(Begun message, String sender) {
    long[] words = new long[message.bytes().capacity() / Long.BYTES];
    message.bytes().rewind().asLongBuffer().get(words);
    GradientsUpdateMessage whole =
        new GradientsUpdateMessage(message.id(), Nd4j.createFromArray(words));
    whole.setOriginatorId(sender);
    return whole;
  }
}
