package flowmatching.work.train;

/** The files of a checkpoint are missing, torn or changed: an earlier checkpoint may do. */
final class Damaged extends Exception {
  private static final long serialVersionUID = 1L;

  Damaged(String reason) {
    super(reason);
  }

  Damaged(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
