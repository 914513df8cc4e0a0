package flowmatching.means.parallel;

import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;

/**
 * What a round of training gave.
 *
 * @param state of all replicas at the end
 * @param images that were trained on
 * @param lossSum of the images, each under the parameters of its step
 * @param replicas that took part
 * @param traffic of all processes
 * @param seconds that it took, and of these the replicas' means
 */
public record Round(
    TrainingState state,
    long images,
    double lossSum,
    int replicas,
    Traffic traffic,
    Seconds seconds) {

  /**
   * How the time went, in seconds of a replica.
   *
   * @param compute gradients and optimiser steps
   * @param data making minibatches
   * @param exchange adding, encoding and sending gradients
   * @param waiting for other replicas' gradients
   * @param resynchronisation starting the replicas from one state and collecting the next
   */
  public record Seconds(
      double compute, double data, double exchange, double waiting, double resynchronisation) {
    public Seconds plus(Seconds other) {
      return new Seconds(
          compute + other.compute,
          data + other.data,
          exchange + other.exchange,
          waiting + other.waiting,
          resynchronisation + other.resynchronisation);
    }
  }
}
