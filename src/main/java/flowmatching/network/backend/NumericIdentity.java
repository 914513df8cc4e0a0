package flowmatching.network.backend;

import com.sun.jna.NativeLibrary;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.Precision;
import java.io.Serializable;
import java.util.List;
import java.util.function.Supplier;

/**
 * Everything on which the last bits of a process's results depend: two processes with the same
 * identity compute the same results from the same inputs.
 *
 * @param dl4j version of DL4J and ND4J, and therefore of their native libraries
 * @param library ND4J's native library
 * @param processor the GPU's model and compute capability, or the best library for the processor,
 *     because oneDNN selects its kernels by the processor's instruction sets in every library
 * @param oneDnn the network's library on processors
 * @param precision of the network, never {@link Precision#AUTO}
 * @param blas OpenBLAS's name for its kernels, or the version of cuBLAS
 * @param kernelRevision of this program's own computations
 */
public record NumericIdentity(
    String dl4j,
    Library library,
    String processor,
    String blas,
    OneDnn oneDnn,
    Precision precision,
    int kernelRevision)
    implements Serializable {
  /**
   * Increase it with every change that gives other bits for the same settings: of the network, the
   * optimiser, a solver, the noise, or the files of samples.
   */
  private static final int KERNEL_REVISION = 4;

  /**
   * Sets up ND4J in this process: with one thread per operation on a processor, and on one GPU with
   * CUDA, so that results do not depend on the number of cores or GPUs. Call it before ND4J's first
   * use; every task of a run starts with it. Later calls only check that they ask for the same.
   *
   * @param gpus the addresses that Spark gave the process; empty if Spark does not assign GPUs
   * @throws EnvironmentFailure if the machine cannot run this library, or the process already uses
   *     another library, more threads or other GPUs
   */
  public static NumericIdentity use(Library library, List<String> gpus, Precision precision) {
    return use(library, gpus, precision, OneDnn::ofThisProcess);
  }

  private static NumericIdentity use(
      Library library, List<String> gpus, Precision precision, Supplier<OneDnn> loaded) {
    library.checkBackend(Backend.ofThisProcess());
    String dl4j = Versions.ofThisBuild().dl4j();
    if (library == Library.CUDA) {
      Gpu gpu = CudaDevice.settle(gpus);
      String card = "%s (%s)".formatted(gpu.model(), gpu.capability());
      return new NumericIdentity(
          dl4j,
          library,
          card,
          CudaLibraries.blasVersion(),
          OneDnn.NONE,
          chosen(precision, OneDnn.NONE),
          KERNEL_REVISION);
    }
    library.select();
    NativeThreads.settle();
    // openblas_get_config is not thread-safe: it builds its text in a static buffer.
    String blas =
        NativeLibrary.getInstance("libopenblas_nolapack.so.0")
            .getFunction("openblas_get_corename")
            .invokeString(new Object[0], false);
    String processor = Library.best(Processor.ofThisMachine()).name();
    OneDnn oneDnn = loaded.get();
    return new NumericIdentity(
        dl4j, library, processor, blas, oneDnn, chosen(precision, oneDnn), KERNEL_REVISION);
  }

  private static Precision chosen(Precision precision, OneDnn oneDnn) {
    if (precision == Precision.AUTO) {
      return oneDnn.hasBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32;
    }
    if (precision == Precision.BFLOAT16 && !oneDnn.hasBfloat16()) {
      throw new EnvironmentFailure(
          oneDnn.equals(OneDnn.NONE)
              ? "The precision is bfloat16, and GPUs compute in float32: set the precision to auto or float32 (train.precision, sample.precision)."
              : "The precision is bfloat16, which this processor does not compute with (oneDNN uses %s), so it would be slower than float32: set the precision to auto or float32 (train.precision, sample.precision, --precision of bench.sh), or use processors with AVX512_BF16 or AMX (Intel Cooper Lake, Sapphire Rapids, AMD Zen 4, or later)."
                  .formatted(oneDnn.instructions()));
    }
    return precision;
  }

  /** Sets up the best library of this machine, for a process outside of Spark. */
  public static NumericIdentity useBest(Precision precision) {
    return use(Library.best(), List.of(), precision);
  }

  /**
   * Sets up this process, an executor, like the driver with this identity.
   *
   * @param gpus the addresses that Spark gave the executor
   * @return the executor's identity, which may be another one
   * @throws EnvironmentFailure as {@link #use}
   */
  public NumericIdentity here(List<String> gpus) {
    return use(library, gpus, precision, oneDnn::adopt);
  }

  /**
   * Sets up this process, an executor, like the driver with this identity.
   *
   * @param gpus the addresses that Spark gave the executor
   * @throws EnvironmentFailure if the executor's identity is another one
   */
  public void adopt(List<String> gpus) {
    var here = here(gpus);
    if (!here.equals(this)) {
      throw new EnvironmentFailure(
          "An executor uses different numerics from the driver, so images would depend on where they are made: %s on the executor, %s on the driver. Run the driver and the executors on processors, or GPUs, of one kind, with one jar."
              .formatted(here, this));
    }
  }
}
