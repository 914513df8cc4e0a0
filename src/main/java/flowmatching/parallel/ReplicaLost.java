package flowmatching.parallel;

/** A replica was lost, or the round of which it is a part: it may succeed when tried again. */
final class ReplicaLost extends RuntimeException {
  ReplicaLost(String sentence) {
    super(sentence);
  }
}
