package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** The functions of those layers that have more than one implementation. */
enum Kernels {
  /** ND4J's operations, for any backend. */
  OPERATIONS {
    @Override
    ConvolutionFunction convolution(Convolution layer) {
      return layer.operations();
    }

    @Override
    LayerFunction groupNorm(GroupNorm layer) {
      return new GroupNormOperations(layer);
    }

    @Override
    LayerFunction attention(SelfAttention layer) {
      return new DotProductAttentionOperations(layer);
    }
  },

  /** Loops over the processor's memory, an image at a time so that its values stay in the cache. */
  HOST {
    @Override
    ConvolutionFunction convolution(Convolution layer) {
      return layer.isPointwise() ? new PointwiseConvolutionKernel() : layer.operations();
    }

    @Override
    LayerFunction groupNorm(GroupNorm layer) {
      return new GroupNormKernel(layer);
    }

    @Override
    LayerFunction attention(SelfAttention layer) {
      return new DotProductAttentionKernel(layer);
    }
  };

  /** The fastest for the backend of this process. Nothing else chooses between them. */
  static Kernels ofBackend() {
    return Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU ? HOST : OPERATIONS;
  }

  abstract ConvolutionFunction convolution(Convolution layer);

  abstract LayerFunction groupNorm(GroupNorm layer);

  abstract LayerFunction attention(SelfAttention layer);
}
