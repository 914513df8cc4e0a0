package flowmatching.base.failure;

/** A failure that a user can mend: its message is the whole explanation. */
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

  /** This failure with the place where it came about, such as an executor, before its sentence. */
  public abstract Failure at(String place);

  final String sentenceAt(String place) {
    return place + ": " + getMessage();
  }
}
