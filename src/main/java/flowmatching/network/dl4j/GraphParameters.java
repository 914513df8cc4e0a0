package flowmatching.network.dl4j;

import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.network.TensorLayout;
import flowmatching.network.TensorLayout.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The parameters of a graph under PyTorch's names. DL4J's vectors have each tensor in PyTorch's
 * order, because DL4J's dense layer stores the transposed weight column by column, but the tensors
 * themselves are in another order.
 */
final class GraphParameters {
  /** By name, in the order of the graph's definition. */
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  GraphParameters(ComputationGraphConfiguration graph) {
    graph
        .getVertices()
        .forEach(
            (vertex, configuration) ->
                of(configuration)
                    .forEach(parameter -> parameters.put(name(vertex, parameter), parameter)));
  }

  private static String name(String vertex, Parameter parameter) {
    return vertex + "." + parameter.name();
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
      new RandomStream(seed, Purpose.INITIAL_WEIGHTS, 0, identity(tensor.name()))
          .uniforms(
              values,
              tensor.from(),
              tensor.length(),
              (float) (parameter.centre() - parameter.bound()),
              (float) (parameter.centre() + parameter.bound()));
    }
    return values;
  }

  /** The id of a tensor's random stream, independent of the rest of the network. */
  private static long identity(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /**
   * A run of values whose position differs between the two vectors.
   *
   * @param from its index in the layout's vector
   * @param inGraph its index in DL4J's vectors
   */
  record Run(int from, int inGraph, int length) {}

  /** The runs of all tensors, in the order of the graph's vectors. */
  List<Run> runs(ComputationGraph graph) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    List<Run> runs = new ArrayList<>();
    int inGraph = 0;
    for (int index : graph.topologicalSortOrder()) {
      String vertex = graph.getVertices()[index].getVertexName();
      GraphVertex configuration = graph.getConfiguration().getVertices().get(vertex);
      for (Parameter parameter : configuration == null ? List.<Parameter>of() : of(configuration)) {
        Tensor tensor = tensors.get(name(vertex, parameter));
        runs.add(new Run(tensor.from(), inGraph, tensor.length()));
        inGraph += tensor.length();
      }
    }
    return runs;
  }
}
