package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;

@Computes
class MessagePartsTest {
  private static final int SIZE = 512;

  private final GradientsUpdateMessage message =
      new GradientsUpdateMessage(
          "update", Nd4j.createFromArray(LongStream.range(-500, 500).toArray()));
  private final int bytes = 1000 * Long.BYTES;
  private final MessageParts parts = new MessageParts(SIZE, bytes);

  @Test
  void partsAreAcceptedAndAssembledToTheMessage() {
    List<VoidChunk> cut = parts.of(message);
    assertThat(cut).hasSize((bytes + SIZE - 1) / SIZE);

    MessageParts receiver = new MessageParts(SIZE, bytes);
    GradientsUpdateMessage whole = null;
    for (VoidChunk part : cut) {
      assertThatCode(() -> parts.check(part)).doesNotThrowAnyException();
      whole = receiver.add(part).orElse(null);
    }
    assertThat(whole.getPayload()).isEqualTo(message.getPayload());
    assertThat(whole.getMessageId()).isEqualTo("update");
  }

  @Test
  void theLargestUpdateOfASessionIsAccepted() {
    int length = 3000;
    Session session = new Session("round", List.of(), 0, length, 0.05, 1);
    byte[] body = new GradientCode(length, 0.05).exact(new float[length]).body();
    long[] words = new Update(session.id(), 0, 0, body).words();
    MessageParts ofSession = new MessageParts(SIZE, Update.mostBytes(session));
    List<VoidChunk> cut =
        ofSession.of(new GradientsUpdateMessage("update", Nd4j.createFromArray(words)));
    assertThat(cut)
        .allSatisfy(part -> assertThatCode(() -> ofSession.check(part)).doesNotThrowAnyException());
  }

  @Test
  void partsOfSeveralSendersAreAssembledSeparately() {
    MessageParts receiver = new MessageParts(SIZE, bytes);
    List<VoidChunk> one = from("one");
    List<VoidChunk> other = from("other");
    int last = one.size() - 1;
    for (int part = 0; part < last; part++) {
      assertThat(receiver.add(one.get(part))).isEmpty();
      assertThat(receiver.add(other.get(part))).isEmpty();
    }
    assertThat(receiver.add(other.get(last))).isPresent();
    assertThat(receiver.add(one.get(last)).orElseThrow().getOriginatorId()).isEqualTo("one");
  }

  @Test
  void oneIncompleteMessageIsKeptPerSender() {
    MessageParts receiver = new MessageParts(SIZE, bytes);
    List<VoidChunk> earlier = from("one");
    receiver.add(earlier.get(0));
    receiver.add(changed(earlier.get(0), part -> part.originalId("later")));
    assertThatThrownBy(() -> receiver.add(earlier.get(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("part 1 of %d is not the next part", earlier.size());
  }

  @Test
  void partsOutOfOrderAreRefused() {
    MessageParts receiver = new MessageParts(SIZE, bytes);
    List<VoidChunk> cut = from("one");
    assertThatThrownBy(() -> receiver.add(cut.get(1))).isInstanceOf(IllegalArgumentException.class);
    receiver.add(cut.get(0));
    receiver.add(cut.get(1));
    for (int part : List.of(1, 3)) {
      assertThatThrownBy(() -> receiver.add(cut.get(part)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private List<VoidChunk> from(String sender) {
    List<VoidChunk> cut = parts.of(message);
    cut.forEach(part -> part.setOriginatorId(sender));
    return cut;
  }

  private static VoidChunk changed(VoidChunk part, Consumer<VoidChunk.VoidChunkBuilder> change) {
    VoidChunk.VoidChunkBuilder builder =
        VoidChunk.builder()
            .messageId(part.getMessageId())
            .originalId(part.getOriginalId())
            .originatorId(part.getOriginatorId())
            .chunkId(part.getChunkId())
            .numberOfChunks(part.getNumberOfChunks())
            .splitSize(part.getSplitSize())
            .totalSize(part.getTotalSize())
            .payload(part.getPayload());
    change.accept(builder);
    return builder.build();
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
        part -> part.totalSize(1001 * Long.BYTES),
        part -> part.totalSize(1000 * Long.BYTES - 1),
        part -> part.originalId(null),
        part -> part.payload(null),
        part -> part.payload(new byte[SIZE - 1]),
        part -> part.payload(new byte[SIZE + 1]));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aPartThatFitsNoMessageIsRefused(Consumer<VoidChunk.VoidChunkBuilder> change) {
    assertThatCode(() -> parts.check(first().build())).doesNotThrowAnyException();

    VoidChunk.VoidChunkBuilder changed = first();
    change.accept(changed);
    assertThatThrownBy(() -> parts.check(changed.build()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPartBeyondTheEndIsRefused() {
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
