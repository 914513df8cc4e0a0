package flowmatching.network.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A layer in DL4J's configuration of the network. */
public final class LayerVertex extends GraphVertex implements TrainingConfig {
  private final String layerName;
  private final LayerSettings settings;
  private final Kernels kernels;

  LayerVertex(String layerName, LayerSettings settings, Kernels kernels) {
    this.layerName = layerName;
    this.settings = settings;
    this.kernels = kernels;
  }

  LayerSettings settings() {
    return settings;
  }

  LayerFunction function() {
    return settings.function(kernels);
  }

  @Override
  public LayerVertex clone() {
    return new LayerVertex(layerName, settings, kernels);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LayerVertex that
        && layerName.equals(that.layerName)
        && settings.equals(that.settings);
  }

  @Override
  public int hashCode() {
    return layerName.hashCode();
  }

  @Override
  public long numParams(boolean backprop) {
    return settings.parameters().stream().mapToLong(Parameter::length).sum();
  }

  @Override
  public int minVertexInputs() {
    return 1;
  }

  @Override
  public int maxVertexInputs() {
    return 2;
  }

  @Override
  public FunctionVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType dataType) {
    return new FunctionVertex(this, graph, name, index, parameters, dataType);
  }

  /** DL4J asks for types to insert its own converters, of which this network needs none. */
  @Override
  public InputType getOutputType(int index, InputType... inputs) {
    throw new UnsupportedOperationException("The network is built without input types");
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputs) {
    throw new UnsupportedOperationException("The network is built without input types");
  }

  @Override
  public String getLayerName() {
    return layerName;
  }

  @Override
  public List<Regularization> getRegularizationByParam(String parameter) {
    return List.of();
  }

  @Override
  public boolean isPretrainParam(String parameter) {
    return false;
  }

  @Override
  public IUpdater getUpdaterByParam(String parameter) {
    return new NoOp();
  }

  @Override
  public GradientNormalization getGradientNormalization() {
    return GradientNormalization.None;
  }

  @Override
  public double getGradientNormalizationThreshold() {
    return 0;
  }
}
