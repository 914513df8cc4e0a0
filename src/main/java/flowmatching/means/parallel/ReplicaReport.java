package flowmatching.means.parallel;

import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;
import java.io.Serializable;

/**
 * What a replica tells of its round.
 *
 * @param steps that it has made
 * @param images in them
 * @param lossSum each step's mean loss times its images
 * @param fingerprint of its state at the end
 * @param state at the end, or null where it is another replica's as well
 * @param traffic of its process, told by the first replica there
 */
record ReplicaReport(
    String executor,
    int steps,
    long images,
    double lossSum,
    int fingerprint,
    TrainingState state,
    Traffic traffic,
    Times times)
    implements Serializable {

  /**
   * How a replica spent its time, in seconds.
   *
   * @param data making minibatches
   * @param exchange summing gradients: adding, encoding, sending
   * @param waiting for other replicas
   * @param steps all from the first minibatch to the end of the last step
   */
  record Times(double data, double exchange, double waiting, double steps)
      implements Serializable {}
}
