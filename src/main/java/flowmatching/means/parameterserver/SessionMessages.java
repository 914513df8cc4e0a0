package flowmatching.means.parameterserver;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import java.util.List;
import org.agrona.DirectBuffer;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.messages.VoidMessage;

/**
 * The bytes of a session's messages. Only those of members are read, and their first bytes are
 * checked before anything is deserialised.
 *
 * @param own index of this process among the members
 */
record SessionMessages(List<Endpoint> members, int own, Envelope envelope, MessageParts parts) {

  static SessionMessages of(UpdateServer.Session session, MessageParts parts) {
    int mostBytes = Envelope.mostBytes(session.members().size());
    Envelope envelope = new Envelope(session.id(), session.senders(), mostBytes);
    return new SessionMessages(session.members(), session.own(), envelope, parts);
  }

  DirectBuffer write(VoidMessage message) {
    return envelope.around(own, SerializationUtils.toByteArray(message));
  }

  /**
   * Checks the first fragment of a message, so that Aeron keeps none of a stranger.
   *
   * @throws IllegalArgumentException if it does not come from a member
   */
  void checkFragment(DirectBuffer buffer, int offset, int length, Header header) {
    if ((header.flags() & FrameDescriptor.BEGIN_FRAG_FLAG) == FrameDescriptor.BEGIN_FRAG_FLAG) {
      envelope.check(buffer, offset, length);
    }
  }

  /**
   * Reads a complete message.
   *
   * @throws IllegalArgumentException if it does not come from a member, or does not fit the session
   */
  VoidMessage read(DirectBuffer buffer, int offset, int length) {
    String sender = members.get(envelope.check(buffer, offset, length)).id();
    VoidMessage message = VoidMessage.fromBytes(envelope.open(buffer, offset, length));
    String originator = message == null ? null : message.getOriginatorId();
    if (!sender.equals(originator)) {
      throw new IllegalArgumentException(
          "the originator is %s, and the sender is %s".formatted(originator, sender));
    }
    if (message instanceof VoidChunk part) {
      parts.check(part);
    }
    return message;
  }
}
