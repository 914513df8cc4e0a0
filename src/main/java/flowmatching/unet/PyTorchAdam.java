package flowmatching.unet;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Adam as PyTorch has it (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1). DL4J's adds epsilon
 * before the root of the second moment is corrected for its start at zero, which makes it 31 times
 * larger in the first step: parameters with gradients near 1e-7 then learn more slowly.
 */
public final class PyTorchAdam extends Adam {
  /** For DL4J, which reads configurations from JSON. */
  PyTorchAdam() {}

  /** Adam with beta 0.9 and 0.999, epsilon 1e-8. */
  public PyTorchAdam(double learningRate) {
    super(learningRate);
  }

  /** Adam with a learning rate by iteration or epoch. */
  public PyTorchAdam(ISchedule learningRate) {
    super(learningRate);
  }

  @Override
  public GradientUpdater<Adam> instantiate(INDArray state, boolean initialise) {
    AdamUpdater updater = new Updater(this);
    // By itself, since DL4J's releases differ in whether they take a row or a vector.
    INDArray moments = state.reshape(state.length());
    if (initialise) {
      moments.assign(0);
    }
    long parameters = state.length() / 2;
    updater.setM(moments.get(NDArrayIndex.interval(0, parameters)));
    updater.setV(moments.get(NDArrayIndex.interval(parameters, 2 * parameters)));
    updater.setGradientReshapeOrder(state.ordering());
    return updater;
  }

  @Override
  public GradientUpdater<Adam> instantiate(Map<String, INDArray> state, boolean initialise) {
    AdamUpdater updater = new Updater(this);
    updater.setState(state, initialise);
    return updater;
  }

  @Override
  public PyTorchAdam clone() {
    PyTorchAdam copy = new PyTorchAdam();
    copy.setLrAndSchedule(getLearningRate(), getLearningRateSchedule());
    return copy;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PyTorchAdam && super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof PyTorchAdam;
  }

  /** With epsilon scaled, DL4J's step is PyTorch's. */
  private static final class Updater extends AdamUpdater {
    Updater(Adam configuration) {
      super(configuration);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      Adam adam = getConfig();
      double correction = Math.sqrt(1 - Math.pow(adam.getBeta2(), iteration + 1));
      Nd4j.exec(
          new org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater(
              gradient.reshape(getV().shape()),
              getV(),
              getM(),
              adam.getLearningRate(iteration, epoch),
              adam.getBeta1(),
              adam.getBeta2(),
              adam.getEpsilon() * correction,
              iteration));
    }
  }
}
