package flowmatching.flow;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A velocity that counts how often it was evaluated. */
public final class CountedVelocity implements VelocityField {
  private final VelocityField field;
  private int evaluations;

  /** Counts from zero. */
  public CountedVelocity(VelocityField field) {
    this.field = field;
  }

  @Override
  public INDArray at(INDArray x, double time) {
    evaluations++;
    return field.at(x, time);
  }

  /** Since the beginning. */
  public int evaluations() {
    return evaluations;
  }
}
