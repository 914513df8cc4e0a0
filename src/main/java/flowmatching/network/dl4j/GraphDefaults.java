package flowmatching.network.dl4j;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.nd4j.linalg.learning.config.NoOp;

/** The DL4J configuration of all networks: workspaces, and no optimiser of DL4J's. */
final class GraphDefaults {
  private GraphDefaults() {}

  static GraphBuilder builder() {
    return new NeuralNetConfiguration.Builder()
        .updater(new NoOp())
        .trainingWorkspaceMode(WorkspaceMode.ENABLED)
        .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
        .graphBuilder();
  }
}
