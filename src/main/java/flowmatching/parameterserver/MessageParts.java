package flowmatching.parameterserver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.INDArrayMessage;

/**
 * How a message is cut into parts. It is done in memory; DL4J's own way is by a file.
 *
 * @param size bytes of a part; the last may be shorter
 * @param mostBytes of a message
 */
record MessageParts(int size, long mostBytes) {

  /** The parts of a message, in their order. */
  List<VoidChunk> of(INDArrayMessage message) {
    byte[] bytes = SerializationUtils.toByteArray(message);
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
   * @throws IllegalArgumentException where it can be no part of a message that {@link #of} has cut
   */
  void check(VoidChunk part) {
    long number = number(part.getTotalSize());
    if (part.getTotalSize() < 1
        || part.getTotalSize() > mostBytes
        || part.getSplitSize() != size
        || part.getNumberOfChunks() != number
        || part.getChunkId() < 0
        || part.getChunkId() >= number
        || part.getPayload().length > size
        || (long) part.getChunkId() * size + part.getPayload().length > part.getTotalSize()) {
      throw new IllegalArgumentException("they are a part that fits no message");
    }
  }

  private long number(long bytes) {
    return (bytes + size - 1) / size;
  }
}
