package flowmatching.means.cluster;

/**
 * Another replica of the round, or its process, could not be reached or stopped answering. The
 * round's work is lost, and a retry may succeed.
 */
public final class PeerLost extends RuntimeException {
  public PeerLost(String sentence) {
    super(sentence);
  }

  public PeerLost(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
