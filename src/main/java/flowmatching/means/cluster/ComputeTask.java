package flowmatching.means.cluster;

import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.ThreadMemory;
import java.util.function.Supplier;

/** What every Spark task does around its work that computes with a network. */
public final class ComputeTask {
  private ComputeTask() {}

  /**
   * Does some work with the numerics of the driver, and frees what is kept for the thread after it:
   * the executor's next task is on another.
   *
   * @throws flowmatching.base.failure.EnvironmentFailure if this process cannot compute as the
   *     driver
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
