package flowmatching.means.cluster;

/**
 * Another replica of the round, or the process that it is in, could not be reached or fell silent.
 * What was computed since the last resynchronisation is lost; the same may well succeed when it is
 * tried again.
 */
public final class PeerLost extends RuntimeException {
  /** A loss that is told in a sentence. */
  public PeerLost(String sentence) {
    super(sentence);
  }

  /** A loss that an exception tells of. */
  public PeerLost(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
