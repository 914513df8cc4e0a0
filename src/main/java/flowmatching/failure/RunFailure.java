package flowmatching.failure;

/** The run itself failed: exit code 1. */
public final class RunFailure extends Failure {
  public RunFailure(String sentence) {
    this(sentence, null);
  }

  public RunFailure(String sentence, Throwable cause) {
    super(1, sentence, cause);
  }

  @Override
  public RunFailure at(String place) {
    return new RunFailure(sentenceAt(place), this);
  }
}
