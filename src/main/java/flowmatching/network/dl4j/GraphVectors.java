package flowmatching.network.dl4j;

import flowmatching.network.TensorLayout;
import flowmatching.network.TensorLayout.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies between the vectors of DL4J's graph and vectors in the order of the layout. */
final class GraphVectors {
  /** A tensor whose position differs between the two, in values from the start. */
  private record Run(int from, int inGraph, int length) {}

  private final TensorLayout layout;
  private final List<Run> runs = new ArrayList<>();

  GraphVectors(ComputationGraph graph) {
    layout = new GraphParameters(graph.getConfiguration()).layout();
    Map<String, Tensor> tensors = new HashMap<>();
    layout.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    Map<String, GraphVertex> vertices = graph.getConfiguration().getVertices();
    int inGraph = 0;
    for (int index : graph.topologicalSortOrder()) {
      String vertex = graph.getVertices()[index].getVertexName();
      for (String name : GraphParameters.of(vertex, vertices.get(vertex)).keySet()) {
        Tensor tensor = tensors.get(name);
        runs.add(new Run(tensor.from(), inGraph, tensor.length()));
        inGraph += tensor.length();
      }
    }
  }

  TensorLayout layout() {
    return layout;
  }

  /** Copies a vector of DL4J's into one in the order of the layout. */
  void read(INDArray vector, float[] values) {
    float[] inGraph = FloatArrays.of(vector);
    runs.forEach(run -> System.arraycopy(inGraph, run.inGraph(), values, run.from(), run.length()));
  }

  /**
   * Copies values in the order of the layout into a vector of DL4J's.
   *
   * @throws IllegalArgumentException if there are more or fewer values than parameters
   */
  void write(float[] values, INDArray vector) {
    int length = layout.length();
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%d values for %d parameters".formatted(values.length, length));
    }
    float[] inGraph = new float[length];
    runs.forEach(run -> System.arraycopy(values, run.from(), inGraph, run.inGraph(), run.length()));
    try (INDArray array = Nd4j.createFromArray(inGraph)) {
      vector.assign(array.reshape(vector.shape()));
    }
  }
}
