package flowmatching.backend;

import com.sun.jna.NativeLibrary;
import flowmatching.failure.EnvironmentFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
      setEnvironment();
      load();
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

  private static void setEnvironment() {
    // A JNA that the system has installed for other programs would be taken first, and refused.
    System.setProperty("jna.nosys", "true");
    try {
      var overwrite = 1;
      NativeLibrary.getInstance("c")
          .getFunction("setenv")
          .invokeInt(new Object[] {"OMP_NUM_THREADS", "1", overwrite});
    } catch (LinkageError e) {
      throw new EnvironmentFailure(
          ("The C library cannot be called to set the number of OpenMP threads: %s. Give Java a"
                  + " folder for temporary files from which libraries may be loaded:"
                  + " -Djna.tmpdir=FOLDER.")
              .formatted(e.getMessage()),
          e);
    }
  }

  private static void load() {
    try {
      CompletableFuture.runAsync(Nd4j::getBackend, NativeThreads::runInThreadOfItsOwn).join();
    } catch (CompletionException e) {
      throw new EnvironmentFailure(
          ("ND4J's native library cannot be loaded: %s. See that the folder for unpacked libraries"
                  + " (~/.javacpp, or -Dorg.bytedeco.javacpp.cachedir=FOLDER) can be written to.")
              .formatted(e.getCause()),
          e);
    }
  }

  private static void runInThreadOfItsOwn(Runnable task) {
    new Thread(task, "nd4j-start").start();
  }

  private static void setLibraries(NativeOps ops) {
    // ND4J's own loops: read from the environment as well, but Java's copy of it goes before.
    ops.setOmpNumThreads(1);
    Nd4j.factory().blas().setMaxThreads(1);
  }
}
