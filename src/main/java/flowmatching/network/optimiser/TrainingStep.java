package flowmatching.network.optimiser;

import flowmatching.flow.Minibatch;
import flowmatching.network.Network;
import java.util.function.Consumer;

/**
 * Trains a network step by step: the gradient of a minibatch, the optimiser's step, and the
 * average. Used by one thread at a time.
 */
public final class TrainingStep {
  private final Network network;
  private final Adam optimiser;
  private final ExponentialAverage average;
  private final float[] gradient;
  private TrainingState state;

  /**
   * Continues from a state.
   *
   * @param network gets the state's parameters
   * @param average if it is kept, the state must have {@link Slot#AVERAGE}
   * @param state is copied
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
   * @param exchange may change the gradient before the optimiser uses it, such as to the replicas'
   *     mean. It gets the gradient of the sum of the images' losses, in the order of the layout.
   * @return the mean loss per image before the step
   */
  public double make(Minibatch minibatch, Consumer<float[]> exchange) {
    int images = minibatch.images();
    double losses = network.gradient(minibatch, gradient);
    exchange.accept(gradient);
    int step = state.step();
    state = optimiser.step(state, gradient, images);
    float[] parameters = state.values(Slot.PARAMETERS);
    if (average.isKept()) {
      average.add(step, parameters, state.values(Slot.AVERAGE));
    }
    network.assign(parameters);
    return losses / images;
  }

  /** The state after the last step. The next step modifies its vectors. */
  public TrainingState state() {
    return state;
  }

  /** The learning rate of the next step. */
  public double learningRate() {
    return optimiser.learningRate().at(state.step());
  }
}
