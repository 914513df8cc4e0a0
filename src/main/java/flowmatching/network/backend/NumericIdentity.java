package flowmatching.network.backend;

import com.sun.jna.NativeLibrary;
import flowmatching.base.failure.EnvironmentFailure;
import java.io.Serializable;
import java.util.List;

/**
 * What the last bits of a process's results depend on: two processes of one identity compute the
 * same from the same.
 *
 * @param dl4j version of DL4J and ND4J, and so of the libraries they bring
 * @param library ND4J's native library
 * @param processor the GPU's model with its capability, or the best of the libraries that the
 *     processor could run: oneDNN picks its kernels by the processor's instructions, whichever
 *     library it is in
 * @param blas OpenBLAS's name for the kernels that it picked, or the version of cuBLAS
 * @param kernelRevision the revision of this program's own computations
 */
public record NumericIdentity(
    String dl4j, Library library, String processor, String blas, int kernelRevision)
    implements Serializable {
  /**
   * To be raised with each change that makes other bits of the same settings: of the network, a
   * solver, the noise, or the files that samples are written to.
   */
  private static final int KERNEL_REVISION = 2;

  /**
   * Makes this process compute with a library, with one thread an operation on a processor and on
   * one GPU with CUDA, so that a result does not depend on how many cores or GPUs the machine has.
   * To be called before ND4J's first use in the process; every task of a run calls it first of all,
   * so that executors do as the driver does. Calls after the first only check that they ask for the
   * same.
   *
   * @param gpus addresses of those that Spark gave the process, none where it gives out none
   * @throws EnvironmentFailure where the machine cannot run this library, or the process was told
   *     to load another one or computes with more threads or GPUs already
   */
  public static NumericIdentity use(Library library, List<String> gpus) {
    library.checkBackend(Backend.ofThisProcess());
    return library == Library.CUDA ? onGpu(gpus) : onProcessor(library);
  }

  /** With what is best on this machine, for a process that runs by itself. */
  public static NumericIdentity useBest() {
    return use(Library.best(), List.of());
  }

  private static NumericIdentity onGpu(List<String> gpus) {
    Gpu gpu = CudaDevice.settle(gpus);
    return of(
        Library.CUDA, "%s (%s)".formatted(gpu.model(), gpu.capability()), CudaDevice.blasVersion());
  }

  private static NumericIdentity onProcessor(Library library) {
    library.choose();
    NativeThreads.settle();
    // Not openblas_get_config, which puts its text together in one place for all threads.
    var blas =
        NativeLibrary.getInstance("libopenblas_nolapack.so.0")
            .getFunction("openblas_get_corename")
            .invokeString(new Object[0], false);
    return of(library, Library.best(Library.cpuInfo()).name(), blas);
  }

  private static NumericIdentity of(Library library, String processor, String blas) {
    return new NumericIdentity(
        Versions.ofThisBuild().dl4j(), library, processor, blas, KERNEL_REVISION);
  }

  /**
   * Makes this process, an executor's, compute as the driver whose identity this is.
   *
   * @param gpus addresses of those that Spark gave it
   * @throws EnvironmentFailure where it cannot
   */
  public void adopt(List<String> gpus) {
    var here = use(library, gpus);
    if (!here.equals(this)) {
      throw new EnvironmentFailure(
          ("An executor computes otherwise than the driver, so that images would depend on where"
                  + " they are made: %s there, %s here. Run the driver and the executors on"
                  + " processors, or GPUs, of one kind, with one jar.")
              .formatted(here, this));
    }
  }
}
