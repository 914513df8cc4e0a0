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
 * are cores. So that first thread is one that ends at once, and OpenBLAS is set right.
 */
final class NativeThreads {
  /** Where the number stands once it is settled: as the native libraries, one for the process. */
  private static final String SETTLED_PROPERTY = "flowmatching.native.threads";

  private NativeThreads() {}

  /**
   * Loads ND4J with so many threads, or sees that it was loaded with as many by an earlier call.
   *
   * @throws EnvironmentFailure where the process computes with another number already, or ND4J
   *     cannot be loaded
   */
  static synchronized void settle(int threads) {
    var settled = Integer.getInteger(SETTLED_PROPERTY);
    if (settled == null) {
      setEnvironment(threads);
      load();
      var ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
      check(threads, ops.ompGetMaxThreads());
      setLibraries(ops, threads);
      System.setProperty(SETTLED_PROPERTY, Integer.toString(threads));
    } else {
      check(threads, settled);
    }
  }

  private static void check(int wanted, int found) {
    if (found != wanted) {
      throw new EnvironmentFailure(
          ("This process computes with %d OpenMP threads a network since ND4J was loaded, and"
                  + " cannot go over to %d: use one process for each number.")
              .formatted(found, wanted));
    }
  }

  private static void setEnvironment(int threads) {
    // A JNA that the system has installed for other programs would be taken first, and refused.
    System.setProperty("jna.nosys", "true");
    try {
      var overwrite = 1;
      NativeLibrary.getInstance("c")
          .getFunction("setenv")
          .invokeInt(new Object[] {"OMP_NUM_THREADS", Integer.toString(threads), overwrite});
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

  private static void setLibraries(NativeOps ops, int threads) {
    // ND4J's own loops: read from the environment as well, but Java's copy of it goes before.
    ops.setOmpNumThreads(threads);
    Nd4j.factory().blas().setMaxThreads(threads);
  }
}
