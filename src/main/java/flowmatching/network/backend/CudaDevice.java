package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The one GPU of this process. CUDA shows a process the GPUs that {@code CUDA_VISIBLE_DEVICES}
 * names when CUDA is loaded; with one name ND4J, which would use all GPUs, uses only that one.
 */
final class CudaDevice {
  /** Like the native libraries, global to the process. */
  private static final AtomicReference<Gpu> CHOSEN = new AtomicReference<>();

  private static final AtomicBoolean LOADED = new AtomicBoolean();

  private CudaDevice() {}

  /**
   * Loads ND4J on this process's GPU. Later calls only check that they ask for the same GPU.
   *
   * @param addresses that Spark gave the process; empty if Spark does not assign GPUs
   * @throws EnvironmentFailure if the process cannot compute there
   */
  static synchronized Gpu settle(List<String> addresses) {
    Gpu gpu = CHOSEN.get();
    if (gpu == null) {
      gpu = GpuChoice.of(NvidiaSmi.gpus(), addresses, System.getenv(GpuChoice.VISIBLE));
      CHOSEN.set(gpu);
    }
    checkAddresses(gpu, addresses);
    if (!LOADED.get()) {
      load(gpu);
      LOADED.set(true);
    }
    return gpu;
  }

  /** The GPU of this process, once it is chosen. */
  static Optional<Gpu> chosen() {
    return Optional.ofNullable(CHOSEN.get());
  }

  private static void load(Gpu gpu) {
    SystemLibraries.setEnvironment(GpuChoice.VISIBLE, gpu.uuid());
    checkCode(gpu, DeviceCode.of(CudaLibraries.nd4j()));
    CudaLibraries.check();
    CudaLibraries.startDriver();
    Backend.load(
        "Check that nvidia-smi works on this machine, and that no other process computes on %s if its compute mode is exclusive."
            .formatted(gpu));
    var devices = NativeOpsHolder.getInstance().getDeviceNativeOps();
    checkDevices(
        gpu,
        devices.getAvailableDevices(),
        new Capability(devices.getDeviceMajor(0), devices.getDeviceMinor(0)));
  }

  static void checkCode(Gpu gpu, DeviceCode code) {
    if (!code.runsOn(gpu.capability())) {
      throw new EnvironmentFailure(
          "ND4J's library in this jar cannot run on %s: it has %s. Use another card, flow-matching-cuda-ptx.jar if the card is newer than that (mvn -Pcuda-ptx package, BACKEND=cuda-ptx), or flow-matching.jar, which computes on the processor (BACKEND unset)."
              .formatted(gpu, code));
    }
  }

  static void checkDevices(Gpu gpu, int devices, Capability first) {
    if (devices != 1 || !first.equals(gpu.capability())) {
      throw new EnvironmentFailure(
          "CUDA shows this process %d devices, the first of compute capability %s, and it computes only on %s: run the job in its own process, in which nothing else loads CUDA."
              .formatted(devices, first, gpu));
    }
  }

  static void checkAddresses(Gpu gpu, List<String> addresses) {
    if (!addresses.isEmpty() && !gpu.isAt(addresses.get(0))) {
      throw new EnvironmentFailure(
          "This process computes on %s, and Spark gives one of its tasks GPU %s as well: an executor has one GPU, so set spark.executor.resource.gpu.amount to 1. To use more GPUs of a host, run more executors there."
              .formatted(gpu, addresses.get(0)));
    }
  }
}
