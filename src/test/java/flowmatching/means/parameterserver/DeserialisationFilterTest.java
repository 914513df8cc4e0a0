package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import java.io.ByteArrayInputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.enums.MeshBuildMode;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;
import org.nd4j.parameterserver.distributed.v2.messages.impl.MeshUpdateMessage;
import org.nd4j.parameterserver.distributed.v2.messages.pairs.handshake.HandshakeRequest;
import org.nd4j.parameterserver.distributed.v2.messages.pairs.handshake.HandshakeResponse;
import org.nd4j.parameterserver.distributed.v2.util.MeshOrganizer;

/** The refused objects are small enough to be read harmlessly if the filter fails. */
class DeserialisationFilterTest {
  private final DeserialisationFilter filter =
      new DeserialisationFilter(Thread.currentThread().getThreadGroup());

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100, 4096})
  // As DL4J's transport creates it.
  @SuppressWarnings("deprecation")
  void theListOfMembersPasses(int members) throws Exception {
    MeshOrganizer mesh = new MeshOrganizer(MeshBuildMode.PLAIN);
    mesh.getRootNode().setId(id(0));
    for (int member = 1; member < members; member++) {
      mesh.addNode(id(member));
    }
    HandshakeResponse response = HandshakeResponse.builder().mesh(mesh).build();
    response.setOriginatorId(id(0));
    response.setRequestId(UUID.randomUUID().toString());
    MeshUpdateMessage update = new MeshUpdateMessage(mesh);
    update.setOriginatorId(id(0));

    byte[] bytes = SerializationUtils.toByteArray(response);
    assertThat(bytes).hasSizeLessThanOrEqualTo(Envelope.mostBytes(members));
    assertThat(((HandshakeResponse) read(bytes)).getMesh().totalNodes()).isEqualTo(members);
    assertThat(read(SerializationUtils.toByteArray(update))).isInstanceOf(MeshUpdateMessage.class);
  }

  private static String id(int member) {
    return new Endpoint("2001:0db8:1111:2222:3333:4444:5555:" + member, 65_535).id();
  }

  @Test
  void aRequestAndAPartOfAnUpdatePass() throws Exception {
    HandshakeRequest request = new HandshakeRequest();
    request.setOriginatorId(id(1));
    assertThat(read(SerializationUtils.toByteArray(request))).isInstanceOf(HandshakeRequest.class);
    byte[] part = SerializationUtils.toByteArray(part(UpdateServer.CHUNK_BYTES));
    assertThat(((VoidChunk) read(part)).getPayload()).hasSize(UpdateServer.CHUNK_BYTES);
  }

  @Test
  void anArrayLongerThanAMessageIsRefused() {
    assertRefused(SerializationUtils.toByteArray(part(AeronProperties.MESSAGE_BYTES + 1)));
  }

  /** It would be allocated before the end of the bytes is noticed. */
  @Test
  void anArrayWithAForgedLengthIsRefused() {
    byte[] bytes = SerializationUtils.toByteArray(new byte[10]);
    ByteBuffer.wrap(bytes)
        .putInt(bytes.length - 10 - Integer.BYTES, AeronProperties.MESSAGE_BYTES + 1);
    assertRefused(bytes);
  }

  @Test
  void moreReferencesThanAListOfMembersHasAreRefused() {
    Object[] rows = new Object[5];
    Arrays.setAll(
        rows, row -> Collections.nCopies(AeronProperties.MESSAGE_BYTES - 1, null).toArray());
    assertRefused(SerializationUtils.toByteArray(rows));
  }

  @Test
  void moreBytesThanAListOfMembersHasAreRefused() {
    byte[][] rows = new byte[40][AeronProperties.MESSAGE_BYTES];
    assertRefused(SerializationUtils.toByteArray(rows));
  }

  @Test
  void deeperNestingThanAListOfMembersHasIsRefused() {
    Object[] nested = {};
    for (int depth = 0; depth < 20; depth++) {
      nested = new Object[] {nested};
    }
    assertRefused(SerializationUtils.toByteArray(nested));
  }

  /** Its memory is allocated by a length that no filter sees. */
  @Test
  @Computes
  void anArrayOfNd4jIsRefused() {
    assertRefused(SerializationUtils.toByteArray(Nd4j.createFromArray(1L, 2L)));
    assertRefused(
        SerializationUtils.toByteArray(
            new GradientsUpdateMessage("update", Nd4j.createFromArray(1L, 2L))));
  }

  private static VoidChunk part(int length) {
    return VoidChunk.builder().payload(new byte[length]).build();
  }

  private void assertRefused(byte[] bytes) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(InvalidClassException.class)
        .hasMessageContaining("REJECTED");
  }

  private Object read(byte[] bytes) throws Exception {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      in.setObjectInputFilter(filter);
      return in.readObject();
    }
  }
}
