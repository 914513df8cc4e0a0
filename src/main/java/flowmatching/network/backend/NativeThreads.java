package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The threads that ND4J computes with, in this process.
 *
 * <p>OpenMP, and with it oneDNN, takes their number from the C environment at the moment it is
 * loaded, and from nowhere later: the variable is set here before ND4J's first use. ND4J then gives
 * OpenMP's setting of the thread that uses it first, and OpenBLAS for all threads, as many as there
 * are cores. So that first thread is one that ends at once, and OpenBLAS is given one.
 */
final class NativeThreads {
  /** Whether the number is settled: as the native libraries, one for the process. */
  private static final String SETTLED_PROPERTY = "flowmatching.native.threads";

  private NativeThreads() {}

  /**
   * Loads ND4J with one thread an operation, or sees that an earlier call has.
   *
   * @throws EnvironmentFailure where the process computes with more already, or ND4J cannot be
   *     loaded
   */
  static synchronized void settle() {
    if (!Boolean.getBoolean(SETTLED_PROPERTY)) {
      SystemLibraries.setEnvironment("OMP_NUM_THREADS", "1");
      Nd4jStart.load(
          "See that the folder for unpacked libraries (~/.javacpp, or -Dorg.bytedeco.javacpp.cachedir=FOLDER) can be written to.");
      var ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
      check(ops.ompGetMaxThreads());
      setLibraries(ops);
      System.setProperty(SETTLED_PROPERTY, "true");
    }
  }

  private static void check(int threads) {
    if (threads != 1) {
      throw new EnvironmentFailure(
          ("This process computes with %d OpenMP threads an operation, since ND4J was loaded before"
                  + " the job began: run the job in a process of its own.")
              .formatted(threads));
    }
  }

  private static void setLibraries(NativeOps ops) {
    // ND4J's own loops: read from the environment as well, but Java's copy of it goes before.
    ops.setOmpNumThreads(1);
    Nd4j.factory().blas().setMaxThreads(1);
  }
}
