package flowmatching.unet;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
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

  /** Equal for equal states, and most likely for no others. */
  public int fingerprint() {
    return 31 * Arrays.hashCode(parameters) + Arrays.hashCode(updaterState);
  }

  /** The mean of states of one iteration; that of one state is itself. */
  public static NetworkState mean(List<NetworkState> states) {
    if (states.size() == 1) {
      return states.get(0);
    }
    return new NetworkState(
        mean(states, NetworkState::parameters),
        mean(states, NetworkState::updaterState),
        states.get(0).iteration());
  }

  private static float[] mean(List<NetworkState> states, Function<NetworkState, float[]> values) {
    float[] mean = new float[values.apply(states.get(0)).length];
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (NetworkState state : states) {
        sum += values.apply(state)[i];
      }
      mean[i] = (float) (sum / states.size());
    }
    return mean;
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
