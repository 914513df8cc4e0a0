package flowmatching.network.optimiser;

import flowmatching.flow.Minibatch;
import flowmatching.network.Network;
import java.util.function.Consumer;

/** Steps of training, of one network: the gradient of a minibatch, and the optimiser's step. */
public final class TrainingStep {
  private final Network network;
  private final Adam optimiser;
  private final ExponentialAverage average;
  private final float[] gradient;
  private TrainingState state;

  /**
   * Steps from a state on.
   *
   * @param state copied; the network is given its parameters
   */
  public TrainingStep(
      Network network, Adam optimiser, ExponentialAverage average, TrainingState state) {
    this.network = network;
    this.optimiser = optimiser;
    this.average = average;
    this.state = state.copy();
    this.gradient = new float[network.layout().length()];
    network.assign(this.state.values(Slot.PARAMETERS));
  }

  /**
   * Makes a step.
   *
   * @param share what becomes of the gradient before the optimiser has it: the sum over the
   *     minibatch's images, in the order of the network's layout
   * @return the mean loss of the minibatch before the step
   */
  public double make(Minibatch minibatch, Consumer<float[]> share) {
    int images = minibatch.images();
    double losses = network.gradient(minibatch, gradient);
    share.accept(gradient);
    int step = state.step();
    state = optimiser.step(state, gradient, images);
    float[] parameters = state.values(Slot.PARAMETERS);
    if (average.isKept()) {
      average.add(step, parameters, state.values(Slot.AVERAGE));
    }
    network.assign(parameters);
    return losses / images;
  }

  /** The state after the last step; the next step changes its vectors. */
  public TrainingState state() {
    return state;
  }

  /** The learning rate of the next step. */
  public double learningRate() {
    return optimiser.learningRate().at(state.step());
  }
}
