package flowmatching.network.dl4j;

import java.io.Serializable;
import java.util.List;

/** What a layer is: DL4J keeps it in the network's configuration and sends it to executors. */
sealed interface LayerSettings extends Serializable
    permits Convolution,
        TransposedConvolution,
        GroupNorm,
        ResidualBlock,
        SelfAttention,
        TimeEmbedding {

  /** The layer's parameters, in the order of the network's parameter vector. */
  List<Parameter> parameters();

  /** The function of one network: it may keep arrays from a forward pass for the backward pass. */
  LayerFunction function(Kernels kernels);
}
