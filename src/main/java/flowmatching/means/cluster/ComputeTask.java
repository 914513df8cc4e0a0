package flowmatching.means.cluster;

import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.ThreadMemory;
import java.util.function.Supplier;

/** Prepares and cleans up a Spark task that computes with a network. */
public final class ComputeTask {
  private ComputeTask() {}

  /**
   * Computes with the driver's numerics, then frees the thread's cached memory: the executor's next
   * task runs on another thread.
   *
   * @throws flowmatching.base.failure.EnvironmentFailure if this process has other numerics
   */
  public static <T> T run(NumericIdentity numerics, Supplier<T> work) {
    numerics.adopt(Devices.ofTask());
    try {
      return work.get();
    } finally {
      ThreadMemory.release();
    }
  }
}
