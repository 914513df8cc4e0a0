package flowmatching.network.backend;

import java.io.Serializable;
import java.util.Optional;

/**
 * A GPU of this machine, as nvidia-smi reports it.
 *
 * @param index the driver's number
 * @param uuid the same in every process, and unique
 * @param model NVIDIA's product name
 * @param memory in bytes
 * @param freeMemory in bytes, when nvidia-smi was run
 * @param exclusive whether the driver lets only one process compute on it
 * @param partitioned whether it is split into MIG instances
 */
public record Gpu(
    int index,
    String uuid,
    String model,
    Capability capability,
    long memory,
    long freeMemory,
    boolean exclusive,
    boolean partitioned)
    implements Serializable {

  /** The GPU of this process, once it is chosen. */
  public static Optional<Gpu> ofThisProcess() {
    return CudaDevice.chosen();
  }

  /** Whether an address from Spark or CUDA_VISIBLE_DEVICES, an index or UUID, is this GPU's. */
  boolean isAt(String address) {
    return address.equals(Integer.toString(index))
        || (address.startsWith("GPU-") && uuid.startsWith(address));
  }

  @Override
  public String toString() {
    return "GPU %d (%s, compute capability %s)".formatted(index, model, capability);
  }
}
