package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.INDArrayMessage;

/**
 * How the 64-bit integers of an update's message are cut into parts. DL4J cuts the serialised
 * message, by way of a file; who reads it must then deserialise an array, whose length anyone could
 * forge.
 *
 * @param size bytes of a part; the last may be shorter
 * @param mostBytes of a message
 */
record MessageParts(int size, long mostBytes) {

  /** The parts of a message, in their order. */
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
   * Checks what came over the network.
   *
   * @throws IllegalArgumentException if it can be no part of a message that {@link #of} has cut
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
      throw new IllegalArgumentException("they are a part that fits no message");
    }
  }

  /** Where a part begins in its message. */
  long from(VoidChunk part) {
    return (long) part.getChunkId() * size;
  }

  private long number(long bytes) {
    return (bytes + size - 1) / size;
  }
}
