package flowmatching.means.parallel;

/** A round came to nothing because replicas were lost. */
final class RoundLost extends RuntimeException {
  RoundLost(String sentence) {
    super(sentence);
  }
}
