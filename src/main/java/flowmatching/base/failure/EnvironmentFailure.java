package flowmatching.base.failure;

/** The machine or the cluster cannot do the run: exit code 3. */
public final class EnvironmentFailure extends Failure {
  public EnvironmentFailure(String sentence) {
    this(sentence, null);
  }

  public EnvironmentFailure(String sentence, Throwable cause) {
    super(3, sentence, cause);
  }

  @Override
  public EnvironmentFailure at(String place) {
    return new EnvironmentFailure(place + ": " + getMessage(), this);
  }
}
