package flowmatching.means.parameterserver;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.INDArrayMessage;

/**
 * Splits the 64-bit integers of an update's message into parts. DL4J would split the serialised
 * message, using a file; its receiver has to deserialise an array with a length that can be forged.
 *
 * @param size bytes of a part; the last may be shorter
 * @param mostBytes of a message
 */
record MessageParts(int size, long mostBytes) {

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

  /** Offset of a part in its message, in bytes. */
  long from(VoidChunk part) {
    return (long) part.getChunkId() * size;
  }

  private long number(long bytes) {
    return (bytes + size - 1) / size;
  }
}
