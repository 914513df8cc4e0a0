package flowmatching.network.dl4j;

import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer in DL4J's configuration of a network. */
final class LayerVertex extends GraphVertex {
  private final LayerSettings settings;

  LayerVertex(LayerSettings settings) {
    this.settings = settings;
  }

  LayerSettings settings() {
    return settings;
  }

  @Override
  public LayerVertex clone() {
    return new LayerVertex(settings);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LayerVertex that && settings.equals(that.settings);
  }

  @Override
  public int hashCode() {
    return settings.hashCode();
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
    return new FunctionVertex(
        graph, name, index, dataType, settings, settings.function(), parameters);
  }

  /** DL4J asks for types only to insert its own converters. */
  @Override
  public InputType getOutputType(int index, InputType... inputs) {
    throw new UnsupportedOperationException("The network is built without input types");
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputs) {
    throw new UnsupportedOperationException("The network is built without input types");
  }
}
