package flowmatching.parameterserver;

/**
 * Another process of the parameter server could not be reached or fell silent. What was computed
 * since the last resynchronisation is lost; the same may well succeed when it is tried again.
 */
public final class PeerLost extends RuntimeException {
  PeerLost(String sentence) {
    super(sentence);
  }

  PeerLost(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
