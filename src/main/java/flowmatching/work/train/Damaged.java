package flowmatching.work.train;

/** The files of a checkpoint are missing, truncated or changed; an earlier one may be whole. */
final class Damaged extends Exception {
  private static final long serialVersionUID = 1L;

  Damaged(String reason) {
    super(reason);
  }

  Damaged(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
