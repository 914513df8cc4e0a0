package flowmatching.means.parallel;

import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;
import java.io.Serializable;

/**
 * The result of a round of training.
 *
 * @param state of all replicas at the end
 * @param lossSum sum of the images' losses, each with the parameters of its step
 * @param traffic of all processes
 * @param seconds means over the replicas
 */
public record Round(
    TrainingState state,
    long images,
    double lossSum,
    int replicas,
    Traffic traffic,
    Seconds seconds) {

  /**
   * Seconds of a replica, by activity.
   *
   * @param compute gradients and optimiser steps
   * @param data making minibatches
   * @param exchange adding, encoding and sending gradients
   * @param waiting for other replicas' gradients
   * @param resynchronisation starting the replicas from one state and collecting the next
   */
  public record Seconds(
      double compute, double data, double exchange, double waiting, double resynchronisation)
      implements Serializable {
    public Seconds plus(Seconds other) {
      return new Seconds(
          compute + other.compute,
          data + other.data,
          exchange + other.exchange,
          waiting + other.waiting,
          resynchronisation + other.resynchronisation);
    }

    /** The means of replicas whose sum this is; the rest of a round is its resynchronisation. */
    Seconds means(int replicas, double round) {
      return new Seconds(
          compute / replicas,
          data / replicas,
          exchange / replicas,
          waiting / replicas,
          round - (compute + data + exchange + waiting) / replicas);
    }
  }
}
