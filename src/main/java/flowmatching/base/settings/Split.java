package flowmatching.base.settings;

/** A part of a data set. */
public enum Split {
  TRAIN,
  TEST;

  /** As in a configuration: train or test. */
  @Override
  public String toString() {
    return Kind.word(this);
  }
}
