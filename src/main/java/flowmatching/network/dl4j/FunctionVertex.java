package flowmatching.network.dl4j;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A layer in a network: its function on views of the network's parameter and gradient vectors. */
@SuppressWarnings(
    "overrides") // DL4J declares setInputs with an array in one class, with ... in another.
public final class FunctionVertex extends BaseGraphVertex {
  private final LayerVertex configuration;
  private final transient LayerFunction function;
  private final transient INDArray parameterVector;
  private final transient Map<String, INDArray> parameters;
  private transient INDArray gradientVector;
  private transient Map<String, INDArray> gradients = Map.of();

  FunctionVertex(
      LayerVertex configuration,
      ComputationGraph graph,
      String name,
      int index,
      INDArray parameterVector,
      DataType dataType) {
    super(graph, name, index, null, null, dataType);
    this.configuration = configuration;
    this.function = configuration.function();
    this.parameterVector = parameterVector;
    this.parameters = views(parameterVector);
  }

  LayerSettings settings() {
    return configuration.settings();
  }

  private Map<String, INDArray> views(INDArray vector) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long from = 0;
    for (Parameter parameter : configuration.settings().parameters()) {
      long to = from + parameter.length();
      // It is a row in DL4J 1.0.0-M1.1.
      INDArray view = vector.reshape(vector.length()).get(NDArrayIndex.interval(from, to));
      views.put(parameter.name(), view.reshape('c', parameter.dimensions()));
      from = to;
    }
    return views;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    return function.forward(inputs, parameters, new Memory(workspaces));
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
    INDArray[] inputGradients =
        function.backward(inputs, epsilon, parameters, gradients, new Memory(workspaces));
    Gradient gradient = new DefaultGradient();
    gradients.forEach((name, view) -> gradient.setGradientFor(name, view, 'c'));
    return Pair.of(gradient, inputGradients);
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray vector) {
    gradientVector = vector;
    gradients = views(vector);
  }

  @Override
  public INDArray getGradientsViewArray() {
    return gradientVector;
  }

  @Override
  public INDArray params() {
    return parameterVector;
  }

  @Override
  public Map<String, INDArray> paramTable(boolean backpropOnly) {
    return parameters;
  }

  @Override
  public TrainingConfig getConfig() {
    return configuration;
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
    throw new UnsupportedOperationException("The network knows no masks");
  }

  @Override
  public String toString() {
    return vertexName + ": " + configuration.settings();
  }
}
