package flowmatching.base.failure;

import java.util.Optional;

/** The run itself failed: exit code 1. */
public final class RunFailure extends Failure {
  private final Throwable defect;

  public RunFailure(String sentence) {
    this(sentence, null);
  }

  public RunFailure(String sentence, Throwable cause) {
    this(sentence, cause, null);
  }

  private RunFailure(String sentence, Throwable cause, Throwable defect) {
    super(1, sentence, cause);
    this.defect = defect;
  }

  /** A failure caused by a defect of this program, whose stack trace goes to the log. */
  public static RunFailure ofDefect(String sentence, Throwable defect) {
    return new RunFailure(sentence, defect, defect);
  }

  /** The defect of this program behind the failure; empty if the cause is another. */
  public Optional<Throwable> defect() {
    return Optional.ofNullable(defect);
  }

  @Override
  public RunFailure at(String place) {
    return new RunFailure(place + ": " + getMessage(), this, defect);
  }
}
