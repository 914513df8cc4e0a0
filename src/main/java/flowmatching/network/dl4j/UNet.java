package flowmatching.network.dl4j;

import flowmatching.base.settings.ModelSettings;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout;
import flowmatching.network.ThreadedNetwork;
import flowmatching.network.backend.ThreadMemory;

/**
 * The article's U-Net, computed by DL4J. ND4J must be set up before a network is made, see {@link
 * flowmatching.network.backend.NumericIdentity#use}.
 */
public final class UNet {
  private UNet() {}

  /**
   * A network whose parameters are all zero.
   *
   * @param threads that compute it, the calling one included
   */
  public static Network create(ModelSettings settings, int threads) {
    return new ThreadedNetwork(
        create(settings, Kernels.ofBackend()), threads, ThreadMemory::release);
  }

  /** The same by certain kernels, with one thread, and a batch as a whole. */
  static Network create(ModelSettings settings, Kernels kernels) {
    VelocityGraph graph = new VelocityGraph(UNetGraph.of(settings, kernels));
    graph.init();
    return GraphNetwork.of(graph);
  }

  /** Names, shapes and places of a network's parameters; takes no memory for them. */
  public static TensorLayout layout(ModelSettings settings) {
    return parameters(settings).layout();
  }

  /** The number of a network's parameters, also of one that no array could hold. */
  public static long parameterCount(ModelSettings settings) {
    return parameters(settings).count();
  }

  /** PyTorch's default initialisation, drawn from the seed alone, in the order of the layout. */
  public static float[] initialParameters(ModelSettings settings, long seed) {
    return parameters(settings).initial(seed);
  }

  private static GraphParameters parameters(ModelSettings settings) {
    return new GraphParameters(UNetGraph.of(settings, Kernels.OPERATIONS));
  }
}
