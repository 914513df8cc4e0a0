package flowmatching.base.failure;

/** The configuration is wrong: exit code 2. */
public final class ConfigurationFailure extends Failure {
  public ConfigurationFailure(String sentence) {
    this(sentence, null);
  }

  public ConfigurationFailure(String sentence, Throwable cause) {
    super(2, sentence, cause);
  }

  @Override
  public ConfigurationFailure at(String place) {
    return new ConfigurationFailure(place + ": " + getMessage(), this);
  }
}
