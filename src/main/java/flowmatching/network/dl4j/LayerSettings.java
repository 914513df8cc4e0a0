package flowmatching.network.dl4j;

import java.util.List;

/** The immutable settings of a layer. */
interface LayerSettings {
  /** The layer's parameters, in the order of the network's parameter vector. */
  List<Parameter> parameters();

  /** A function for one network, which may keep arrays of a forward pass for the backward pass. */
  LayerFunction function();
}
