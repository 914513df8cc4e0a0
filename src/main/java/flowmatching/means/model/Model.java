package flowmatching.means.model;

import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.network.Network;
import flowmatching.network.dl4j.UNet;
import java.io.Serializable;

/**
 * A trained network that was read from its files and checked. Spark tasks each build their own
 * {@link Network} from it.
 *
 * @param weights the safetensors file, not copied
 * @param digest SHA-256 of {@code model.json}, which has the settings and the weights' digest: two
 *     models with the same digest compute the same
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by digest.
public record Model(ModelSettings settings, byte[] weights, String digest) implements Serializable {

  /** A network with these weights that computes with one thread. */
  public Network network(Precision precision) {
    var network = UNet.create(settings, precision, 1);
    network.assign(parameters());
    return network;
  }

  /** The weights in the order of the network's layout. */
  public float[] parameters() {
    return Weights.read(weights, UNet.layout(settings), "model " + digest);
  }
}
