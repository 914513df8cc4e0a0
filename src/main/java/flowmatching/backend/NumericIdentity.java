package flowmatching.backend;

import com.sun.jna.NativeLibrary;
import flowmatching.failure.EnvironmentFailure;
import java.io.Serializable;

/**
 * What the last bits of a process's results depend on: two processes of one identity compute the
 * same from the same.
 *
 * @param dl4j version of DL4J and ND4J, and so of the libraries they bring
 * @param library ND4J's native library
 * @param processor the best of the libraries that the processor could run: oneDNN picks its kernels
 *     by the processor's instructions, whichever library it is in
 * @param blas OpenBLAS's name for the kernels that it picked
 * @param kernelRevision the revision of this program's own computations
 */
public record NumericIdentity(
    String dl4j, CpuLibrary library, CpuLibrary processor, String blas, int kernelRevision)
    implements Serializable {
  /**
   * To be raised with each change that makes other bits of the same settings: of the network, a
   * solver, the noise, or the files that samples are written to.
   */
  private static final int KERNEL_REVISION = 2;

  /**
   * Makes this process compute with a library, see {@link CpuLibrary#use}, and tells its identity.
   *
   * @throws EnvironmentFailure as {@link CpuLibrary#use} does
   */
  public static NumericIdentity use(CpuLibrary library) {
    library.use();
    // Not openblas_get_config, which puts its text together in one place for all threads.
    var blas =
        NativeLibrary.getInstance("libopenblas_nolapack.so.0")
            .getFunction("openblas_get_corename")
            .invokeString(new Object[0], false);
    return new NumericIdentity(
        Versions.ofThisBuild().dl4j(), library, CpuLibrary.best(), blas, KERNEL_REVISION);
  }

  /**
   * Makes this process, an executor's, compute as the driver whose identity this is.
   *
   * @throws EnvironmentFailure where it cannot
   */
  public void adopt() {
    var here = use(library);
    if (!here.equals(this)) {
      throw new EnvironmentFailure(
          ("An executor computes otherwise than the driver, so that images would depend on where"
                  + " they are made: %s there, %s here. Run the driver and the executors on"
                  + " processors of one kind, with one jar.")
              .formatted(here, this));
    }
  }
}
