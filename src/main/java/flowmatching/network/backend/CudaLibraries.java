package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Loader;

/** The native libraries for CUDA: ND4J's own, and those of NVIDIA that it needs. */
final class CudaLibraries {
  private static final String DRIVER = "libcuda.so.1";
  private static final String BLAS = "libcublas.so.11";

  /** The libraries of CUDA 11 that this program's jars do not have. */
  private static final List<String> TOOLKIT =
      List.of(
          "libcudart.so.11.0", "libcublasLt.so.11", BLAS, "libcusparse.so.11", "libcusolver.so.11");

  /** The folder of NVIDIA's libraries in a jar, from which JavaCPP unpacks them. */
  private static final String TOOLKIT_FOLDER = "org/bytedeco/cuda/linux-x86_64/";

  /** ND4J's library in the jars of releases 1.0.0-M2.1 and 1.0.0-M1.1. */
  private static final List<String> ND4J =
      List.of(
          "org/nd4j/linalg/jcublas/bindings/linux-x86_64/libnd4jcuda.so",
          "org/nd4j/nativeblas/linux-x86_64/libnd4jcuda.so");

  private CudaLibraries() {}

  /** ND4J's library, unpacked to the path from which ND4J loads it. */
  static Path nd4j() {
    URL packed =
        ND4J.stream()
            .map(CudaLibraries.class.getClassLoader()::getResource)
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow(
                () ->
                    new EnvironmentFailure(
                        "The class path has CUDA's backend without its library libnd4jcuda.so for"
                            + " Linux on x86-64: run with flow-matching-cuda.jar or"
                            + " flow-matching-cuda-ptx.jar as the build makes them."));
    try {
      return Loader.cacheResource(packed).toPath();
    } catch (IOException | RuntimeException e) {
      throw new EnvironmentFailure(
          "ND4J's library of 900 MB cannot be unpacked: %s. Give JavaCPP a folder with enough space instead of ~/.javacpp/cache: -Dorg.bytedeco.javacpp.cachedir=FOLDER in spark.driver.extraJavaOptions and spark.executor.extraJavaOptions."
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Checks that all of NVIDIA's libraries are in a jar or on this machine. */
  static void check() {
    if (!SystemLibraries.has(DRIVER)) {
      throw new EnvironmentFailure(
          "%s, the library of NVIDIA's driver, was not found: install the driver's compute libraries (in a container: NVIDIA_DRIVER_CAPABILITIES=compute,utility), or add their folder to LD_LIBRARY_PATH."
              .formatted(DRIVER));
    }
    var loader = CudaLibraries.class.getClassLoader();
    for (String name : TOOLKIT) {
      if (loader.getResource(TOOLKIT_FOLDER + name) == null && !SystemLibraries.has(name)) {
        throw new EnvironmentFailure(
            "%s of NVIDIA's CUDA 11 was not found: install the CUDA toolkit 11 and add its folder to LD_LIBRARY_PATH, or build with -Pcuda-redist and submit with its file in --jars (under NVIDIA's terms; src/site/markdown/gpus.md has the commands)."
                .formatted(name));
      }
    }
  }

  /** Starts the driver first, because ND4J would print a stack trace if it does not start. */
  static void startDriver() {
    int error;
    try {
      error = SystemLibraries.call(DRIVER, "cuInit", 0);
    } catch (UnsatisfiedLinkError e) {
      throw new EnvironmentFailure(
          "The %s that was found is not NVIDIA's driver, because it has no cuInit: check which one LD_LIBRARY_PATH leads to."
              .formatted(DRIVER),
          e);
    }
    if (error != 0) {
      throw new EnvironmentFailure(
          "CUDA does not start on this machine: error %d (CUresult in NVIDIA's documentation of the driver's API). Check that the driver's library and its kernel module have the same version, and that this user may open /dev/nvidia*."
              .formatted(error));
    }
  }

  /** The version of the cuBLAS that ND4J's library has loaded. */
  static String blasVersion() {
    return IntStream.range(0, 3)
        .mapToObj(
            part -> {
              int[] value = new int[1];
              SystemLibraries.call(BLAS, "cublasGetProperty", part, value);
              return Integer.toString(value[0]);
            })
        .collect(Collectors.joining(".", "cuBLAS ", ""));
  }
}
