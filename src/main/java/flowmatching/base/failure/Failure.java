package flowmatching.base.failure;

/** A failure that a user can fix. Its message is the whole explanation. */
public abstract sealed class Failure extends RuntimeException
    permits ConfigurationFailure, EnvironmentFailure, DataFailure, RunFailure {
  private final int exitCode;

  Failure(int exitCode, String sentence, Throwable cause) {
    super(sentence, cause);
    this.exitCode = exitCode;
  }

  /** The exit code of the process that ends with this failure. */
  public final int exitCode() {
    return exitCode;
  }

  /** The same failure with its place, such as an executor, before the sentence. */
  public abstract Failure at(String place);
}
