package flowmatching.parameterserver;

/**
 * What Aeron, which carries DL4J's messages, needs to be told before it starts. DL4J reads system
 * properties and nothing else.
 */
final class AeronProperties {
  private AeronProperties() {}

  /** Sets what the user has not set. */
  static void set() {
    // Aeron wants it longer than the 30 s after which DL4J gives a client up; the default is 15 s.
    setUnlessSet("aeron.publication.unblock.timeout", "60000000000");
    // 8 MB of shared memory a connection, not 106 MB: containers often have 64 MB in all.
    setUnlessSet("aeron.term.buffer.length", "4194304");
    setUnlessSet("aeron.ipc.term.buffer.length", "4194304");
    setUnlessSet("aeron.dir.delete.on.shutdown", "true");
    // All of Aeron's own work in one thread a process.
    setUnlessSet("aeron.threading.mode", "SHARED");
  }

  private static void setUnlessSet(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
