package flowmatching.base.settings;

/** A part of a data set. */
public enum Split {
  TRAIN,
  TEST;

  /** As a configuration writes it. */
  @Override
  public String toString() {
    return Kind.word(this);
  }
}
