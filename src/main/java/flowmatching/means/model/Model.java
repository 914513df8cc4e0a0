package flowmatching.means.model;

import flowmatching.base.settings.ModelSettings;
import flowmatching.network.Network;
import flowmatching.network.dl4j.UNet;
import java.io.Serializable;

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

  /** A network with these weights, computed by one thread. */
  public Network network() {
    var network = UNet.create(settings, 1);
    network.assign(parameters());
    return network;
  }

  /** The weights in the order of the network's layout. */
  public float[] parameters() {
    return Weights.read(weights, UNet.layout(settings), "model " + digest);
  }
}
