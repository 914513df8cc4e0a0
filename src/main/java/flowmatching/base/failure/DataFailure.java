package flowmatching.base.failure;

/** Data or a model is missing, broken or belongs to another run: exit code 4. */
public final class DataFailure extends Failure {
  public DataFailure(String sentence) {
    this(sentence, null);
  }

  public DataFailure(String sentence, Throwable cause) {
    super(4, sentence, cause);
  }

  @Override
  public DataFailure at(String place) {
    return new DataFailure(place + ": " + getMessage(), this);
  }
}
