package flowmatching.network.dl4j;

import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.network.TensorLayout;
import flowmatching.network.TensorLayout.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;

/**
 * The parameters of a graph under PyTorch's names. DL4J's vectors have each tensor in PyTorch's
 * order, because DL4J's dense layer stores the transposed weight column by column, but the tensors
 * themselves are in another order.
 */
final class GraphParameters {
  /** By name, in the order of the graph's definition. */
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  GraphParameters(ComputationGraphConfiguration graph) {
    graph.getVertices().forEach((name, vertex) -> parameters.putAll(of(name, vertex)));
  }

  /** A vertex's parameters by name. An input has no configuration, null, and no parameters. */
  static Map<String, Parameter> of(String name, GraphVertex vertex) {
    Map<String, Parameter> named = new LinkedHashMap<>();
    of(vertex).forEach(parameter -> named.put(name + "." + parameter.name(), parameter));
    return named;
  }

  private static List<Parameter> of(GraphVertex vertex) {
    if (vertex instanceof LayerVertex own) {
      return own.settings().parameters();
    }
    if (vertex instanceof org.deeplearning4j.nn.conf.graph.LayerVertex theirs
        && theirs.getLayerConf().getLayer() instanceof DenseLayer linear) {
      long in = linear.getNIn();
      long out = linear.getNOut();
      return List.of(Parameter.fanIn("weight", in, out, in), Parameter.fanIn("bias", in, out));
    }
    return List.of();
  }

  /**
   * The layout of a vector of all parameters.
   *
   * @throws ArithmeticException if an array cannot hold them, see {@link #count}
   */
  TensorLayout layout() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> shapes.put(name, parameter.shape()));
    return TensorLayout.of(shapes);
  }

  /** The number of values of all parameters. */
  long count() {
    return parameters.values().stream().mapToLong(Parameter::length).reduce(0, Math::addExact);
  }

  /** PyTorch's default initialisation, a function of the seed and the parameters. */
  float[] initial(long seed) {
    TensorLayout layout = layout();
    float[] values = new float[layout.length()];
    for (Tensor tensor : layout.tensors()) {
      Parameter parameter = parameters.get(tensor.name());
      // The random stream does not depend on the rest of the network.
      CRC32 id = new CRC32();
      id.update(tensor.name().getBytes(StandardCharsets.UTF_8));
      new RandomStream(seed, Purpose.INITIAL_WEIGHTS, 0, id.getValue())
          .uniforms(
              values,
              tensor.from(),
              tensor.length(),
              (float) (parameter.centre() - parameter.bound()),
              (float) (parameter.centre() + parameter.bound()));
    }
    return values;
  }
}
