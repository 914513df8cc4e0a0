package flowmatching.network.dl4j;

import flowmatching.base.settings.ModelSettings;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout;
import flowmatching.network.ThreadedNetwork;
import flowmatching.network.backend.ThreadMemory;

/**
 * The article's U-Net, computed by DL4J. Set up ND4J before creating a network, see {@link
 * flowmatching.network.backend.NumericIdentity#use}.
 */
public final class UNet {
  private UNet() {}

  /**
   * A network with all parameters zero.
   *
   * @param threads at least 1, including the calling thread
   */
  public static Network create(ModelSettings settings, int threads) {
    return new ThreadedNetwork(
        create(settings, Kernels.ofBackend()), threads, ThreadMemory::release);
  }

  /** A network with the given kernels, for one thread, which computes a batch as a whole. */
  static Network create(ModelSettings settings, Kernels kernels) {
    VelocityGraph graph = new VelocityGraph(UNetGraph.of(settings, kernels));
    graph.init();
    return new GraphNetwork(graph, new GraphVectors(graph), false);
  }

  /**
   * Names, shapes and positions of a network's parameters, without allocating them.
   *
   * @throws ArithmeticException if an array cannot hold them
   */
  public static TensorLayout layout(ModelSettings settings) {
    return parameters(settings).layout();
  }

  /** The number of a network's parameters, even if no array can hold them. */
  public static long parameterCount(ModelSettings settings) {
    return parameters(settings).count();
  }

  /** PyTorch's default initialisation, a function of settings and seed, in the layout's order. */
  public static float[] initialParameters(ModelSettings settings, long seed) {
    return parameters(settings).initial(seed);
  }

  private static GraphParameters parameters(ModelSettings settings) {
    return new GraphParameters(UNetGraph.of(settings, Kernels.OPERATIONS));
  }
}
