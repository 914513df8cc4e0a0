package flowmatching.unet;

import java.io.Serializable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * All that training changes in a network.
 *
 * @param parameters the parameter vector, in DL4J's order
 * @param updaterState Adam's moments, in DL4J's order
 * @param iteration steps done since the first: Adam's bias correction and the learning rate follow
 *     it
 */
// Two long vectors on their way between processes, which are compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
public record NetworkState(float[] parameters, float[] updaterState, int iteration)
    implements Serializable {

  /** A copy of the network's state. */
  public static NetworkState of(ComputationGraph network) {
    return new NetworkState(
        network.params().toFloatVector(),
        network.getUpdater().getUpdaterStateViewArray().toFloatVector(),
        network.getConfiguration().getIterationCount());
  }

  /** Sets the network's state to this one. */
  public void applyTo(ComputationGraph network) {
    assign(network.params(), parameters);
    assign(network.getUpdater().getUpdaterStateViewArray(), updaterState);
    network.getConfiguration().setIterationCount(iteration);
  }

  private static void assign(INDArray view, float[] values) {
    if (view.length() != values.length) {
      throw new IllegalArgumentException(
          "%d values are no state of %d".formatted(values.length, view.length()));
    }
    try (INDArray array = Nd4j.createFromArray(values)) {
      view.assign(array.reshape(view.shape()));
    }
  }
}
