package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** Makes the functions of those layers for which there is more than one way to compute them. */
interface Kernels {
  /** On any backend. */
  Kernels OPERATIONS = new OperationKernels();

  /** On a processor. */
  Kernels HOST = new HostKernels();

  /** The fastest that the backend of this process allows: the one place that chooses. */
  static Kernels ofBackend() {
    return Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU ? HOST : OPERATIONS;
  }

  LayerFunction groupNorm(GroupNorm layer);

  /** A convolution with a kernel of one pixel. */
  LayerFunction pointwiseConvolution(Convolution layer);

  PointwiseProduct pointwiseProduct();

  DotProductAttention attention(SelfAttention layer);
}
