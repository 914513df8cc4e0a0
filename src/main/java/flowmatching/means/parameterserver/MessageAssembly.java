package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;

/**
 * Assembles messages from their parts. Each sender sends one message after the other with its parts
 * in order, so that one incomplete message is kept per sender. DL4J keeps every incomplete message,
 * and allocates the memory of a whole message per part.
 *
 * <p>Not thread-safe.
 */
final class MessageAssembly {
  private final MessageParts parts;
  private final Map<String, Incomplete> incomplete = new HashMap<>();

  MessageAssembly(MessageParts parts) {
    this.parts = parts;
  }

  private record Incomplete(String id, ByteBuffer bytes) {}

  /**
   * Adds a part.
   *
   * @return the message if this was its last part; the caller closes its array
   * @throws IllegalArgumentException if it is not the sender's next part
   */
  Optional<GradientsUpdateMessage> add(VoidChunk part) {
    parts.check(part);
    if (part.getChunkId() == 0) {
      // It fits an int: an update is a Java array.
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(part.getTotalSize()));
      incomplete.put(part.getOriginatorId(), new Incomplete(part.getOriginalId(), bytes));
    }
    Incomplete message = incomplete.get(part.getOriginatorId());
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
    incomplete.remove(part.getOriginatorId());
    return Optional.of(whole(message, part.getOriginatorId()));
  }

  private static GradientsUpdateMessage whole(Incomplete message, String sender) {
    long[] words = new long[message.bytes().capacity() / Long.BYTES];
    message.bytes().rewind().asLongBuffer().get(words);
    GradientsUpdateMessage whole =
        new GradientsUpdateMessage(message.id(), Nd4j.createFromArray(words));
    whole.setOriginatorId(sender);
    return whole;
  }
}
