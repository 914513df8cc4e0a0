package flowmatching.network.backend;

import java.io.Serializable;
import java.util.Optional;

/**
 * A GPU of a machine, as its driver tells of it.
 *
 * @param index the driver's number
 * @param uuid the name that it has in every process and on no other card
 * @param model name of its kind
 * @param memory all of it, in bytes
 * @param freeMemory bytes that nobody had taken when this was asked
 * @param exclusive whether the driver lets one process compute on it alone
 * @param cut whether it is cut into parts (MIG)
 */
public record Gpu(
    int index,
    String uuid,
    String model,
    Capability capability,
    long memory,
    long freeMemory,
    boolean exclusive,
    boolean cut)
    implements Serializable {

  /** The one that this process is to compute on, once it is chosen. */
  public static Optional<Gpu> ofThisProcess() {
    return CudaDevice.chosen();
  }

  /** Whether an address that Spark or CUDA_VISIBLE_DEVICES has is this one's: index or UUID. */
  boolean isAt(String address) {
    return address.equals(Integer.toString(index))
        || (address.startsWith("GPU-") && uuid.startsWith(address));
  }

  @Override
  public String toString() {
    return "GPU %d (%s, compute capability %s)".formatted(index, model, capability);
  }
}
