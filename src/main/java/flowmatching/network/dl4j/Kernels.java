package flowmatching.network.dl4j;

import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** The functions of the layers that have more than one implementation. */
interface Kernels {
  /** For any backend. */
  Kernels OPERATIONS = new OperationKernels();

  /** For processors. */
  Kernels HOST = new HostKernels();

  /** The fastest kernels for the backend of this process. Nothing else chooses between them. */
  static Kernels ofBackend() {
    return Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU ? HOST : OPERATIONS;
  }

  LayerFunction groupNorm(GroupNorm layer);

  /** A convolution with a kernel of one pixel. */
  LayerFunction pointwiseConvolution(Convolution layer);

  PointwiseProduct pointwiseProduct();

  DotProductAttention attention(SelfAttention layer);
}
