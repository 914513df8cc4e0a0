package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The number of threads with which ND4J computes an operation in this process: one.
 *
 * <p>OpenMP, and with it ND4J's oneDNN and the network's, reads the number from the C environment
 * when it is loaded and never again, so the variable is set here before ND4J's first use. ND4J then
 * sets one thread per core, in OpenMP for the thread that uses ND4J first, and in OpenBLAS for all
 * threads. Therefore the first thread is one that ends at once, and OpenBLAS is reset to one
 * thread.
 */
final class NativeThreads {
  /** Set when the number is settled. Like the native libraries, it is global to the process. */
  private static final String SETTLED_PROPERTY = "flowmatching.native.threads";

  private NativeThreads() {}

  /**
   * Loads ND4J with one thread per operation. Later calls do nothing.
   *
   * @throws EnvironmentFailure if ND4J is already loaded with more threads, or cannot be loaded
   */
  static synchronized void settle() {
    if (Boolean.getBoolean(SETTLED_PROPERTY)) {
      return;
    }
    SystemLibraries.setEnvironment("OMP_NUM_THREADS", "1");
    // Otherwise it prints that ND4J's libraries were made for an earlier version.
    System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
    Backend.load(
        "Make the folder for unpacked libraries writable (~/.javacpp, or"
            + " -Dorg.bytedeco.javacpp.cachedir=FOLDER).");
    var ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int threads = ops.ompGetMaxThreads();
    if (threads != 1) {
      throw new EnvironmentFailure(
          "This process computes with %d OpenMP threads per operation because ND4J was loaded before the job started: run the job in its own process."
              .formatted(threads));
    }
    // ND4J's own loops read the environment through Java, whose copy still has the old value.
    ops.setOmpNumThreads(1);
    Nd4j.factory().blas().setMaxThreads(1);
    System.setProperty(SETTLED_PROPERTY, "true");
  }
}
