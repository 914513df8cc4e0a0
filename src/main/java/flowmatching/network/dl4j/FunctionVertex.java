package flowmatching.network.dl4j;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A layer of a network: its function on views of DL4J's parameter and gradient vectors. */
@SuppressWarnings("overrides") // DL4J declares setInputs with an array, and with varargs.
final class FunctionVertex extends BaseGraphVertex {
  private final LayerSettings settings;
  private final LayerFunction function;
  private Tensors tensors;

  FunctionVertex(
      ComputationGraph graph,
      String name,
      int index,
      DataType dataType,
      LayerSettings settings,
      LayerFunction function,
      INDArray parameterVector) {
    super(graph, name, index, null, null, dataType);
    this.settings = settings;
    this.function = function;
    this.tensors = new Tensors(views(parameterVector), Map.of());
  }

  private Map<String, INDArray> views(INDArray vector) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long from = 0;
    for (Parameter parameter : settings.parameters()) {
      long to = from + parameter.length();
      // The vector is a row in DL4J 1.0.0-M1.1.
      INDArray view = vector.reshape(vector.length()).get(NDArrayIndex.interval(from, to));
      views.put(parameter.name(), view.reshape('c', parameter.dimensions()));
      from = to;
    }
    return views;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    return function.forward(tensors, new Memory(workspaces), inputs);
  }

  /** The parameters' gradients go to {@link #setBackpropGradientsViewArray}'s vector. */
  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
    return Pair.of(null, function.backward(epsilon, tensors, new Memory(workspaces), inputs));
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray vector) {
    tensors = new Tensors(tensors.parameters(), views(vector));
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] masks, MaskState state, int minibatchSize) {
    throw new UnsupportedOperationException("The network has no masks");
  }

  @Override
  public String toString() {
    return vertexName + ": " + settings;
  }
}
