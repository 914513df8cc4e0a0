package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The sum of replicas' states, in double precision so that its order does not matter.
 *
 * @param squaredNorms the sum of the squared norms of the replicas' parameters
 */
// Two long vectors on their way to the driver, which are compared nowhere.
@SuppressWarnings("ArrayRecordComponent")
record StateSum(
    double[] parameters,
    double[] updaterState,
    double squaredNorms,
    int replicas,
    Set<String> executors)
    implements Serializable {

  /** The sum of the replicas on an executor. */
  static StateSum of(String executor, List<ComputationGraph> networks) {
    return networks.stream()
        .map(network -> of(executor, network))
        .reduce(StateSum::plus)
        .orElseThrow();
  }

  private static StateSum of(String executor, ComputationGraph network) {
    NetworkState state = NetworkState.of(network);
    double[] parameters = doubles(state.parameters());
    return new StateSum(
        parameters, doubles(state.updaterState()), squaredNorm(parameters), 1, Set.of(executor));
  }

  StateSum plus(StateSum other) {
    return new StateSum(
        sum(parameters, other.parameters),
        sum(updaterState, other.updaterState),
        squaredNorms + other.squaredNorms,
        replicas + other.replicas,
        union(executors, other.executors));
  }

  NetworkState mean(int iteration) {
    return new NetworkState(mean(parameters), mean(updaterState), iteration);
  }

  /**
   * How far apart the replicas are: the root of their mean squared distance from their mean, over
   * the number of parameters. 0 where they are the same.
   */
  double drift() {
    double variance = squaredNorms / replicas - squaredNorm(parameters) / replicas / replicas;
    return Math.sqrt(Math.max(0, variance) / parameters.length);
  }

  private static double squaredNorm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(others);
    return all;
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
