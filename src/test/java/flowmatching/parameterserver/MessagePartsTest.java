package flowmatching.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;
import org.nd4j.parameterserver.distributed.v2.util.MessageSplitter;

@Computes
class MessagePartsTest {
  private static final int SIZE = 512;

  private final GradientsUpdateMessage message =
      new GradientsUpdateMessage("update", Nd4j.arange(1000));
  private final int bytes = SerializationUtils.toByteArray(message).length;
  private final MessageParts parts = new MessageParts(SIZE, bytes);

  @Test
  void theyAreAcceptedAndMakeTheMessage() {
    List<VoidChunk> cut = parts.of(message);
    assertThat(cut).hasSize((bytes + SIZE - 1) / SIZE);

    MessageSplitter receiver = new MessageSplitter();
    GradientsUpdateMessage merged = null;
    for (VoidChunk part : cut) {
      assertThatCode(() -> parts.check(part)).doesNotThrowAnyException();
      merged = receiver.<GradientsUpdateMessage>merge(part).orElse(null);
    }
    assertThat(merged.getPayload()).isEqualTo(message.getPayload());
  }

  static List<Consumer<VoidChunk.VoidChunkBuilder>> changes() {
    return List.of(
        part -> part.totalSize(0),
        part -> part.totalSize(-1),
        part -> part.totalSize(Integer.MAX_VALUE).numberOfChunks(Integer.MAX_VALUE / SIZE + 1),
        part -> part.splitSize(0),
        part -> part.splitSize(SIZE + 1),
        part -> part.numberOfChunks(1),
        part -> part.chunkId(-1),
        part -> part.chunkId(Integer.MAX_VALUE),
        part -> part.payload(new byte[SIZE + 1]));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void whatFitsNoMessageIsRefused(Consumer<VoidChunk.VoidChunkBuilder> change) {
    assertThatCode(() -> parts.check(first().build())).doesNotThrowAnyException();

    VoidChunk.VoidChunkBuilder changed = first();
    change.accept(changed);
    assertThatThrownBy(() -> parts.check(changed.build()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatReachesBeyondTheEndIsRefused() {
    VoidChunk last =
        first().chunkId((bytes - 1) / SIZE).payload(new byte[bytes % SIZE + 1]).build();
    assertThatThrownBy(() -> parts.check(last)).isInstanceOf(IllegalArgumentException.class);
  }

  private VoidChunk.VoidChunkBuilder first() {
    return VoidChunk.builder()
        .messageId("update/0")
        .originalId("update")
        .chunkId(0)
        .numberOfChunks((bytes + SIZE - 1) / SIZE)
        .splitSize(SIZE)
        .totalSize(bytes)
        .payload(new byte[SIZE]);
  }
}
