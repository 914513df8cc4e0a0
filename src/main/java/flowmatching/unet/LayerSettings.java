package flowmatching.unet;

import java.io.Serializable;
import java.util.List;
import org.nd4j.shade.jackson.annotation.JsonSubTypes;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/** What a layer is: DL4J keeps it in the network's configuration and sends it to executors. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "layer")
@JsonSubTypes({
  @JsonSubTypes.Type(Convolution.class),
  @JsonSubTypes.Type(TransposedConvolution.class),
  @JsonSubTypes.Type(GroupNorm.class),
  @JsonSubTypes.Type(ResidualBlock.class),
  @JsonSubTypes.Type(SelfAttention.class),
  @JsonSubTypes.Type(TimeEmbedding.class)
})
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
