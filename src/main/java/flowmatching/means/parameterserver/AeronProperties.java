package flowmatching.means.parameterserver;

import io.aeron.protocol.DataHeaderFlyweight;

/**
 * What Aeron, which carries DL4J's messages, needs to be told before it starts. DL4J reads system
 * properties and nothing else.
 */
final class AeronProperties {
  /** Bytes of a third of the buffer of a connection in one direction. */
  static final String TERM_LENGTH = "aeron.term.buffer.length";

  /** What a sender may send before the receiver has asked for more. */
  private static final int WINDOW_BYTES = 1 << 15;

  /** A datagram: with its headers below the least that an IPv6 network carries, 1,280. */
  private static final int FRAME_BYTES = 1024;

  private static final int FRAMES_A_MESSAGE = 16;

  /**
   * Every message is made this long; only a list of more than a hundred members is longer. Its
   * frames then take 16 KB, which divides every term, so that Aeron never has a term's rest to
   * skip. It skips one by a frame of its own: where that is lost and the rest reaches beyond the
   * window, the receiver drops whatever follows, sees no gap, and never asks for it again.
   */
  static final int MESSAGE_BYTES =
      FRAMES_A_MESSAGE * (FRAME_BYTES - DataHeaderFlyweight.HEADER_LENGTH);

  private AeronProperties() {}

  /** Sets what the user has not set, and the length of a frame, on which messages rest. */
  static void set() {
    System.setProperty("aeron.mtu.length", Integer.toString(FRAME_BYTES));
    // Aeron wants it longer than the 30 s after which DL4J gives a client up; the default is 15 s.
    setUnlessSet("aeron.publication.unblock.timeout", "60000000000");
    // 12 MB of shared memory for each direction of a connection, not 48 MB and more: containers
    // often have 64 MB in all.
    setUnlessSet(TERM_LENGTH, "4194304");
    setUnlessSet("aeron.ipc.term.buffer.length", "4194304");
    setUnlessSet("aeron.dir.delete.on.shutdown", "true");
    // All of Aeron's own work in one thread a process.
    setUnlessSet("aeron.threading.mode", "SHARED");
    // All processes of a round send to the server's socket at once. Its buffer, as long as Linux
    // allows by default, holds the windows of about five; a gap is asked for again after a
    // millisecond, and not after 60.
    setUnlessSet("aeron.socket.so_rcvbuf", "212992");
    setUnlessSet("aeron.rcv.initial.window.length", Integer.toString(WINDOW_BYTES));
    setUnlessSet("aeron.nak.unicast.delay", "1ms");
    setUnlessSet("aeron.retransmit.unicast.linger", "4ms");
    setUnlessSet("aeron.shared.idle.strategy", OnDemandIdleStrategy.class.getName());
  }

  private static void setUnlessSet(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
