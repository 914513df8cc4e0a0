package flowmatching.network.dl4j;

import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.network.Network;
import flowmatching.network.TensorLayout;
import flowmatching.network.ThreadedNetwork;
import flowmatching.network.backend.ThreadMemory;
import flowmatching.network.onednn.OneDnnNetwork;
import flowmatching.network.onednn.Profile;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The article's U-Net, which DL4J's graph defines. oneDNN computes it on processors, and DL4J on
 * GPUs. Set up the process before creating a network, see {@link
 * flowmatching.network.backend.NumericIdentity#use}.
 */
public final class UNet {
  private UNet() {}

  /**
   * The largest number of images that a thread computes at once. On processors larger ones are not
   * faster, but take more memory; GPUs need many.
   */
  public static int pieceImages(boolean onGpu) {
    return onGpu ? 64 : 32;
  }

  /**
   * A network with all parameters zero.
   *
   * @param precision of the process's {@link flowmatching.network.backend.NumericIdentity}
   * @param threads at least 1, including the calling thread
   */
  public static Network create(ModelSettings settings, Precision precision, int threads) {
    return new ThreadedNetwork(
        computesOnProcessor() ? ofOneDnn(settings, precision) : ofDl4j(settings),
        threads,
        pieceImages(!computesOnProcessor()),
        ThreadMemory::release);
  }

  static boolean computesOnProcessor() {
    return Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU;
  }

  /** For one thread, computing a batch as a whole. */
  static Network ofOneDnn(ModelSettings settings, Precision precision) {
    ComputationGraphConfiguration graph = UNetGraph.of(settings);
    TensorLayout layout = new GraphParameters(graph).layout();
    return new OneDnnNetwork(
        GraphLayers.of(graph, UNetGraph.VELOCITY), layout, settings.image(), precision);
  }

  /** Measures where the time of one thread goes on a processor, in passes of a piece of images. */
  public static Profile profile(ModelSettings settings, Precision precision) {
    ComputationGraphConfiguration graph = UNetGraph.of(settings);
    return Profile.of(
        GraphLayers.of(graph, UNetGraph.VELOCITY),
        new GraphParameters(graph).layout(),
        settings.image(),
        precision,
        pieceImages(false));
  }

  /** For one thread, computing a batch as a whole. */
  static Network ofDl4j(ModelSettings settings) {
    VelocityGraph graph = new VelocityGraph(UNetGraph.of(settings));
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
    return new GraphParameters(UNetGraph.of(settings));
  }
}
