package flowmatching.means.parameterserver;

import io.aeron.protocol.DataHeaderFlyweight;
import java.util.Properties;

/** System properties for Aeron, which carries DL4J's messages and reads them when it starts. */
final class AeronProperties {
  /** Bytes of a term, a third of the buffer for one direction of a connection. */
  static final String TERM_LENGTH = "aeron.term.buffer.length";

  /** Bytes that a sender may send before the receiver asks for more. */
  private static final int WINDOW_BYTES = 1 << 15;

  /** Bytes of a datagram; with its headers below the minimum MTU of IPv6, 1,280. */
  private static final int FRAME_BYTES = 1024;

  private static final int FRAMES_PER_MESSAGE = 16;

  /**
   * Length that every message is padded to; only a list of more than a hundred members is longer.
   * Its frames take 16 KB, which divides every term, so that Aeron never pads the end of a term. If
   * such a padding frame is lost and the padding is longer than the window, the receiver drops all
   * that follows, sees no gap, and never asks for it again.
   */
  static final int MESSAGE_BYTES =
      FRAMES_PER_MESSAGE * (FRAME_BYTES - DataHeaderFlyweight.HEADER_LENGTH);

  private AeronProperties() {}

  /** Sets the frame length, which messages depend on, and all else that the user has not set. */
  static void set() {
    System.setProperty("aeron.mtu.length", Integer.toString(FRAME_BYTES));
    Properties properties = System.getProperties();
    // Aeron requires more than DL4J's client timeout of 30 s; the default is 15 s.
    properties.putIfAbsent("aeron.publication.unblock.timeout", "60000000000");
    // 12 MB of shared memory per direction of a connection instead of 48 MB and more: containers
    // often have 64 MB.
    properties.putIfAbsent(TERM_LENGTH, "4194304");
    properties.putIfAbsent("aeron.ipc.term.buffer.length", "4194304");
    properties.putIfAbsent("aeron.dir.delete.on.shutdown", "true");
    // One thread of Aeron per process.
    properties.putIfAbsent("aeron.threading.mode", "SHARED");
    // All processes of a round send to the server's socket at once. Its buffer, the largest that
    // Linux allows by default, holds the windows of about five. Lost frames are requested after a
    // millisecond instead of 60.
    properties.putIfAbsent("aeron.socket.so_rcvbuf", "212992");
    properties.putIfAbsent("aeron.rcv.initial.window.length", Integer.toString(WINDOW_BYTES));
    properties.putIfAbsent("aeron.nak.unicast.delay", "1ms");
    properties.putIfAbsent("aeron.retransmit.unicast.linger", "4ms");
    properties.putIfAbsent("aeron.shared.idle.strategy", OnDemandIdleStrategy.class.getName());
  }
}
