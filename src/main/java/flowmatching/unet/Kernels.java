package flowmatching.unet;

import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** The ways to compute those layers for which ND4J has no fast operation. */
enum Kernels {
  /** By ND4J's operations, on any backend. */
  OPERATIONS,

  /** By loops over the processor's own memory, with everything of a piece that fits its cache. */
  HOST;

  /** The faster that the backend of this process allows. */
  static Kernels ofBackend() {
    return Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU ? HOST : OPERATIONS;
  }
}
