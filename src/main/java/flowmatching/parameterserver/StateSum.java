package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;
import java.io.Serializable;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The sum of replicas' states, in double precision so that its order does not matter. */
// Two long vectors on their way to the driver, which are compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record StateSum(double[] parameters, double[] updaterState, int replicas) implements Serializable {

  static StateSum of(List<ComputationGraph> networks) {
    return networks.stream().map(StateSum::of).reduce(StateSum::plus).orElseThrow();
  }

  private static StateSum of(ComputationGraph network) {
    NetworkState state = NetworkState.of(network);
    return new StateSum(doubles(state.parameters()), doubles(state.updaterState()), 1);
  }

  StateSum plus(StateSum other) {
    return new StateSum(
        sum(parameters, other.parameters),
        sum(updaterState, other.updaterState),
        replicas + other.replicas);
  }

  NetworkState mean(int iteration) {
    return new NetworkState(mean(parameters), mean(updaterState), iteration);
  }

  private float[] mean(double[] sums) {
    float[] means = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      means[i] = (float) (sums[i] / replicas);
    }
    return means;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sums = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sums[i] = a[i] + b[i];
    }
    return sums;
  }
}
