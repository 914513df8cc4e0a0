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
 * DL4J's graph with a backward pass from any gradient of its output. With activations in a
 * workspace, DL4J has only losses within the graph.
 */
final class VelocityGraph extends ComputationGraph {
  private static final long serialVersionUID = 1;

  VelocityGraph(ComputationGraphConfiguration configuration) {
    super(configuration);
  }

  /** A graph with its own activations and gradients over this graph's parameters. */
  VelocityGraph overSameParameters() {
    VelocityGraph copy = new VelocityGraph(getConfiguration().clone());
    copy.init(params(), false);
    return copy;
  }

  /**
   * The forward and the backward pass. The parameters' gradients are in {@link
   * #getFlattenedGradients()} then.
   *
   * @param inputs x_t {@code [N, C, H, W]} and the time {@code [N, 1]}
   * @param gradientOfOutput maps the velocity v {@code [N, C, H, W]} to dL/dv of the same shape,
   *     which is closed here
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

  /** The same as for DL4J's own training step. */
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
