package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;

class EnvelopeTest {
  private static final int MOST_BYTES = 20_000;
  private static final int OFFSET = 5;

  private final Envelope envelope = new Envelope(new UUID(1, 2), Set.of(0, 3), MOST_BYTES);

  @ParameterizedTest
  @ValueSource(ints = {1, 100, AeronProperties.MESSAGE_BYTES, MOST_BYTES})
  void aMessageSurvivesTheEnvelope(int length) {
    byte[] message = new byte[length];
    Arrays.fill(message, (byte) 7);
    DirectBuffer sent = envelope.around(3, message);
    assertThat(sent.capacity() % AeronProperties.MESSAGE_BYTES).isZero();

    UnsafeBuffer received = new UnsafeBuffer(new byte[OFFSET + sent.capacity()]);
    received.putBytes(OFFSET, sent, 0, sent.capacity());
    assertThat(envelope.check(received, OFFSET, sent.capacity())).isEqualTo(3);
    assertThat(envelope.open(received, OFFSET, sent.capacity())).isEqualTo(message);
  }

  static Stream<Consumer<ByteBuffer>> changes() {
    return Stream.of(
        bytes -> bytes.putLong(0, 2),
        bytes -> bytes.putLong(8, 1),
        bytes -> bytes.putInt(16, 1),
        bytes -> bytes.putInt(16, -1),
        bytes -> bytes.putInt(20, 0),
        bytes -> bytes.putInt(20, -1),
        bytes -> bytes.putInt(20, MOST_BYTES + 1),
        bytes -> bytes.putInt(20, Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void messagesOfOthersAreRefusedByTheirHeader(Consumer<ByteBuffer> change) {
    DirectBuffer sent = envelope.around(3, new byte[10]);
    change.accept(ByteBuffer.wrap(sent.byteArray()));
    assertThatThrownBy(() -> envelope.check(sent, 0, sent.capacity()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> envelope.open(sent, 0, sent.capacity()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTruncatedMessageIsRefused() {
    DirectBuffer sent = envelope.around(3, new byte[10]);
    assertThatThrownBy(() -> envelope.check(sent, 0, Envelope.BYTES - 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> envelope.open(sent, 0, Envelope.BYTES + 9))
        .hasMessageContaining("a length of 10 bytes, and 9 arrived");
  }

  @Test
  void aPartOfAnUpdateFitsOneMessageWithTheLongestAddress() {
    String id = UUID.randomUUID().toString();
    String sender = new Endpoint("2001:0db8:1111:2222:3333:4444:5555:6666", 65_535).id();
    VoidChunk part =
        VoidChunk.builder()
            .messageId(id + "/" + Integer.MAX_VALUE)
            .originalId(id)
            .originatorId(sender)
            .payload(new byte[UpdateServer.CHUNK_BYTES])
            .build();
    assertThat(envelope.around(3, SerializationUtils.toByteArray(part)).capacity())
        .isEqualTo(AeronProperties.MESSAGE_BYTES);
  }
}
