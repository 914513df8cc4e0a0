package flowmatching.means.parallel;

/** A round failed because replicas were lost. */
final class RoundLost extends RuntimeException {
  RoundLost(String sentence) {
    super(sentence);
  }
}
