package flowmatching.network.dl4j;

import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's graph with a backward pass from any gradient of its output. DL4J has that for losses
 * within the graph alone, if activations are to live in a workspace.
 */
final class VelocityGraph extends ComputationGraph {
  private static final long serialVersionUID = 1;

  VelocityGraph(ComputationGraphConfiguration configuration) {
    super(configuration);
  }

  /** The configuration of another graph, over its parameters. */
  VelocityGraph overSameParameters() {
    VelocityGraph copy = new VelocityGraph(getConfiguration().clone());
    copy.init(params(), false);
    return copy;
  }

  /**
   * The forward and the backward pass, which leaves the gradient in {@link
   * #getFlattenedGradients()}.
   *
   * @param inputs of the graph
   * @param gradientOfOutput from the velocity {@code [N, C, H, W]} to the gradient of the loss with
   *     respect to it, which is closed here
   */
  void backward(INDArray[] inputs, UnaryOperator<INDArray> gradientOfOutput) {
    setInputs(inputs);
    LayerWorkspaceMgr workspaces = workspaces();
    MemoryWorkspace activations = workspaces.notifyScopeEntered(ArrayType.ACTIVATIONS);
    try {
      INDArray velocity =
          ffToLayerActivationsInWS(
                  true, -1, new int[0], FwdPassType.STANDARD, false, inputs, null, null, false)
              .get(UNetGraph.VELOCITY);
      try (INDArray gradient = gradientOfOutput.apply(velocity)) {
        calcBackpropGradients(false, false, gradient);
      }
    } finally {
      activations.close();
    }
    clear();
  }

  /** As DL4J has them for a step of training. */
  private LayerWorkspaceMgr workspaces() {
    LayerWorkspaceMgr workspaces =
        LayerWorkspaceMgr.builder()
            .with(ArrayType.ACTIVATIONS, WS_ALL_LAYERS_ACT, WS_ALL_LAYERS_ACT_CONFIG)
            .with(ArrayType.INPUT, WS_ALL_LAYERS_ACT, WS_ALL_LAYERS_ACT_CONFIG)
            .with(ArrayType.FF_WORKING_MEM, WS_LAYER_WORKING_MEM, WS_LAYER_WORKING_MEM_CONFIG)
            .with(ArrayType.BP_WORKING_MEM, WS_LAYER_WORKING_MEM, WS_LAYER_WORKING_MEM_CONFIG)
            .build();
    workspaces.setHelperWorkspacePointers(helperWorkspaces);
    return workspaces;
  }
}
