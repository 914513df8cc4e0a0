package flowmatching.model;

import flowmatching.settings.ModelSettings;
import flowmatching.unet.UNet;
import java.io.Serializable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A trained network as it was read, and checked, from its files. It travels to Spark tasks, each of
 * which builds a network of its own from it.
 *
 * @param settings the network's
 * @param weights the safetensors file, shared, not copied
 * @param digest SHA-256 of {@code model.json}, which holds the settings and the weights' digest:
 *     two models with one digest compute the same
 */
// Weights are megabytes and are compared by their digest.
@SuppressWarnings("ArrayRecordComponent")
public record Model(ModelSettings settings, byte[] weights, String digest) implements Serializable {

  /** A network with these weights that is not trained further. It serves one thread at a time. */
  public ComputationGraph network() {
    var network = UNet.create(settings, new NoOp());
    assignTo(network);
    return network;
  }

  /** Gives a network of the same settings these weights. */
  public void assignTo(ComputationGraph network) {
    Weights.assign(Weights.read(weights, UNet.shapes(settings), "model " + digest), network);
  }
}
