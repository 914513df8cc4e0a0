package flowmatching.flow;

/** A velocity that counts its evaluations. */
public final class CountedVelocity implements VelocityField {
  private final VelocityField field;
  private int evaluations;

  public CountedVelocity(VelocityField field) {
    this.field = field;
  }

  @Override
  public ImageBatch at(ImageBatch x, double time) {
    evaluations++;
    return field.at(x, time);
  }

  public int evaluations() {
    return evaluations;
  }
}
