package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The one GPU that this process computes on. CUDA shows a process the GPUs that {@code
 * CUDA_VISIBLE_DEVICES} names as it is loaded, so that ND4J, which would spread over all of them,
 * sees this one alone.
 */
final class CudaDevice {
  static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  /** Libraries that ND4J's needs: the driver's, and of CUDA 11 those that no jar here has. */
  private static final String DRIVER = "libcuda.so.1";

  private static final String BLAS = "libcublas.so.11";

  private static final List<String> TOOLKIT =
      List.of(
          "libcudart.so.11.0", "libcublasLt.so.11", BLAS, "libcusparse.so.11", "libcusolver.so.11");

  /** Where a jar of NVIDIA's libraries has them, which JavaCPP unpacks. */
  private static final String TOOLKIT_FOLDER = "org/bytedeco/cuda/linux-x86_64/";

  /** ND4J's library in the jars of releases 1.0.0-M2.1 and 1.0.0-M1.1. */
  private static final List<String> LIBRARIES =
      List.of(
          "org/nd4j/linalg/jcublas/bindings/linux-x86_64/libnd4jcuda.so",
          "org/nd4j/nativeblas/linux-x86_64/libnd4jcuda.so");

  /** As the native libraries: one for the process. */
  private static final AtomicReference<Gpu> CHOSEN = new AtomicReference<>();

  private static final AtomicBoolean LOADED = new AtomicBoolean();

  private CudaDevice() {}

  /**
   * Loads ND4J on the GPU that this process was given, or sees that an earlier call has.
   *
   * @param addresses that Spark gave the process, none where it gives out no GPUs
   * @throws EnvironmentFailure where it cannot compute there
   */
  static synchronized Gpu settle(List<String> addresses) {
    if (CHOSEN.get() == null) {
      CHOSEN.set(choose(NvidiaSmi.gpus(), addresses, System.getenv(VISIBLE)));
    }
    Gpu gpu = CHOSEN.get();
    checkAddresses(gpu, addresses);
    if (!LOADED.get()) {
      load(gpu);
      LOADED.set(true);
    }
    return gpu;
  }

  private static void load(Gpu gpu) {
    SystemLibraries.setEnvironment(VISIBLE, gpu.uuid());
    checkCode(gpu, DeviceCode.of(library()));
    checkLibraries();
    startDriver();
    Nd4jStart.load(
        "See that nvidia-smi works on this machine, and that no other process computes on %s if its compute mode is exclusive."
            .formatted(gpu));
    var devices = NativeOpsHolder.getInstance().getDeviceNativeOps();
    checkDevices(
        gpu,
        devices.getAvailableDevices(),
        new Capability(devices.getDeviceMajor(0), devices.getDeviceMinor(0)));
  }

  /** The GPU that this process is to compute on, once it is chosen. */
  static Optional<Gpu> chosen() {
    return Optional.ofNullable(CHOSEN.get());
  }

  /** The GPU of this process: Spark's choice, else the environment's, else the only one. */
  static Gpu choose(List<Gpu> gpus, List<String> addresses, String visible) {
    if (addresses.size() > 1) {
      throw new EnvironmentFailure(
          "Spark gave this process the GPUs %s, and it computes on one: set spark.executor.resource.gpu.amount, spark.task.resource.gpu.amount and spark.driver.resource.gpu.amount to 1, as conf/gpu.properties does; more GPUs of a host are more executors."
              .formatted(addresses));
    }
    if (addresses.size() == 1) {
      return at(gpus, addresses.get(0), "Spark gave this process");
    }
    if (visible == null) {
      if (gpus.size() == 1) {
        return whole(gpus.get(0));
      }
      throw new EnvironmentFailure(
          "This machine has %d GPUs (%s), and Spark gave this process none of them: on a cluster submit with conf/gpu.properties (the scripts of submit/ do with BACKEND=cuda), in local mode name one in the environment, such as %s=%d."
              .formatted(gpus.size(), all(gpus), VISIBLE, gpus.get(0).index()));
    }
    List<String> named =
        Stream.of(visible.split(",")).map(String::strip).filter(name -> !name.isEmpty()).toList();
    if (named.size() != 1) {
      throw new EnvironmentFailure(
          "%s is '%s' in the environment of this process, and must name one GPU where Spark gives out none: the index or UUID of one of %s; on a cluster submit with conf/gpu.properties."
              .formatted(VISIBLE, visible, all(gpus)));
    }
    return at(gpus, named.get(0), VISIBLE + " in the environment names");
  }

  private static Gpu at(List<Gpu> gpus, String address, String who) {
    return gpus.stream()
        .filter(gpu -> gpu.isAt(address))
        .findFirst()
        .map(CudaDevice::whole)
        .orElseThrow(
            () ->
                new EnvironmentFailure(
                    "%s GPU '%s', and nvidia-smi knows only %s here: give the index or the UUID of one of these; see what the discovery script of this host's worker prints."
                        .formatted(who, address, all(gpus))));
  }

  private static Gpu whole(Gpu gpu) {
    if (gpu.cut()) {
      throw new EnvironmentFailure(
          "%s is cut into parts (MIG), and this program computes on whole GPUs: switch that off (nvidia-smi --mig=0), or give it another one."
              .formatted(gpu));
    }
    return gpu;
  }

  private static String all(List<Gpu> gpus) {
    return gpus.stream().map(Gpu::toString).collect(Collectors.joining(", "));
  }

  static void checkCode(Gpu gpu, DeviceCode code) {
    if (!code.runsOn(gpu.capability())) {
      throw new EnvironmentFailure(
          "ND4J's library in this jar cannot run on %s: it has %s. Use another card, flow-matching-cuda-ptx.jar where the card is newer than that (mvn -Pcuda-ptx package, BACKEND=cuda-ptx), or flow-matching.jar, which computes on the processor (BACKEND unset)."
              .formatted(gpu, code));
    }
  }

  /** Unpacked to where ND4J loads it from. */
  private static Path library() {
    URL packed =
        LIBRARIES.stream()
            .map(CudaDevice.class.getClassLoader()::getResource)
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow(
                () ->
                    new EnvironmentFailure(
                        "The class path has CUDA's backend without its library libnd4jcuda.so for Linux on x86-64: run with flow-matching-cuda.jar or flow-matching-cuda-ptx.jar as the build makes them."));
    try {
      return Loader.cacheResource(packed).toPath();
    } catch (IOException | RuntimeException e) {
      throw new EnvironmentFailure(
          "ND4J's library of 900 MB cannot be unpacked: %s. Give JavaCPP a folder with space for it, in place of ~/.javacpp/cache: -Dorg.bytedeco.javacpp.cachedir=FOLDER in spark.driver.extraJavaOptions and spark.executor.extraJavaOptions."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static void checkLibraries() {
    if (!SystemLibraries.has(DRIVER)) {
      throw new EnvironmentFailure(
          "%s, the library of NVIDIA's driver, was not found: install the driver's compute libraries (in a container: NVIDIA_DRIVER_CAPABILITIES=compute,utility), or name their folder in LD_LIBRARY_PATH."
              .formatted(DRIVER));
    }
    missing(CudaDevice.class.getClassLoader()).ifPresent(CudaDevice::refuse);
  }

  private static void refuse(String missing) {
    throw new EnvironmentFailure(
        "%s of NVIDIA's CUDA 11 was not found: install the CUDA toolkit 11 and name its folder in LD_LIBRARY_PATH, or build with -Pcuda-redist and submit with its file in --jars (under NVIDIA's terms; src/site/markdown/gpus.md has the commands)."
            .formatted(missing));
  }

  /** The first library of the toolkit that is neither in a jar nor on this machine. */
  private static Optional<String> missing(ClassLoader loader) {
    return TOOLKIT.stream()
        .filter(
            name -> loader.getResource(TOOLKIT_FOLDER + name) == null && !SystemLibraries.has(name))
        .findFirst();
  }

  /** ND4J would print a stack trace where it does not start. */
  private static void startDriver() {
    int error;
    try {
      error = SystemLibraries.call(DRIVER, "cuInit", 0);
    } catch (UnsatisfiedLinkError e) {
      throw new EnvironmentFailure(
          "The %s that was found is not NVIDIA's driver, since it has no cuInit: see which one LD_LIBRARY_PATH leads to."
              .formatted(DRIVER),
          e);
    }
    if (error != 0) {
      throw new EnvironmentFailure(
          "CUDA does not start on this machine, its error is %d (CUresult in NVIDIA's documentation of the driver's API): see that the driver's library and its kernel module are of one version, and that this user may open /dev/nvidia*."
              .formatted(error));
    }
  }

  /** Of the cuBLAS that ND4J's library has loaded. */
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

  static void checkDevices(Gpu gpu, int devices, Capability first) {
    if (devices != 1 || !first.equals(gpu.capability())) {
      throw new EnvironmentFailure(
          "CUDA shows this process %d devices, the first of compute capability %s, and it computes on %s alone: run the job in a process of its own, in which nothing has loaded CUDA before it."
              .formatted(devices, first, gpu));
    }
  }

  static void checkAddresses(Gpu settled, List<String> addresses) {
    if (!addresses.isEmpty() && !settled.isAt(addresses.get(0))) {
      throw new EnvironmentFailure(
          "This process computes on %s, and Spark gives a task of it GPU %s as well: an executor has one GPU, so set spark.executor.resource.gpu.amount to 1; more GPUs of a host are more executors."
              .formatted(settled, addresses.get(0)));
    }
  }
}
