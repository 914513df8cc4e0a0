package flowmatching.parameterserver;

import org.deeplearning4j.optimize.solvers.accumulation.encoding.ThresholdAlgorithm;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.ThresholdAlgorithmReducer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A threshold in proportion to what there is to send: {@code factor} times the root mean square of
 * a replica's update plus what it has not sent yet.
 *
 * <p>A weight is sent as plus or minus one threshold, or not at all, and the rest is kept for the
 * next step (error feedback: Karimireddy et al. 2019, arXiv:1901.09847). For normally distributed
 * values 0.9 leaves the least behind, a third of their energy, so that a replica is about one step
 * late. A fixed threshold cannot do that: Adam's steps are as large as the learning rate at first
 * and a tenth of it later.
 */
record RelativeThreshold(double factor) implements ThresholdAlgorithm {
  /** Where there is nothing to send, any threshold above it will do. */
  private static final double LEAST = 1e-12;

  @Override
  public double calculateThreshold(
      int iteration,
      int epoch,
      Double lastThreshold,
      Boolean lastWasDense,
      Double lastSparsityRatio,
      INDArray updates) {
    double rootMeanSquare =
        updates.norm2Number().doubleValue() / Math.sqrt((double) updates.length());
    return Math.max(factor * rootMeanSquare, LEAST);
  }

  @Override
  public ThresholdAlgorithmReducer newReducer() {
    return new Same(this);
  }

  @Override
  public RelativeThreshold clone() {
    return this;
  }

  /** It has no state: all replicas' instances are one. */
  private record Same(RelativeThreshold threshold) implements ThresholdAlgorithmReducer {
    @Override
    public void add(ThresholdAlgorithm instance) {}

    @Override
    public ThresholdAlgorithmReducer merge(ThresholdAlgorithmReducer other) {
      return this;
    }

    @Override
    public ThresholdAlgorithm getFinalResult() {
      return threshold;
    }
  }
}
