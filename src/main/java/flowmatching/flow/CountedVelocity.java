package flowmatching.flow;

/** A velocity that counts how often it was evaluated. */
public final class CountedVelocity implements VelocityField {
  private final VelocityField field;
  private int evaluations;

  /** Counts from zero. */
  public CountedVelocity(VelocityField field) {
    this.field = field;
  }

  @Override
  public ImageBatch at(ImageBatch x, double time) {
    evaluations++;
    return field.at(x, time);
  }

  /** Since the beginning. */
  public int evaluations() {
    return evaluations;
  }
}
