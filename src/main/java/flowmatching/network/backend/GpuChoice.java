package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Chooses the GPU of a process. */
final class GpuChoice {
  /** The environment variable with the GPUs that CUDA shows a process. */
  static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private GpuChoice() {}

  /**
   * Spark's choice, else the environment's, else the only GPU.
   *
   * @param gpus of this machine
   * @param addresses that Spark gave the process; empty if Spark does not assign GPUs
   * @param visible the value of {@link #VISIBLE}, or null
   * @throws EnvironmentFailure if there is no choice of one whole GPU
   */
  static Gpu of(List<Gpu> gpus, List<String> addresses, String visible) {
    if (addresses.size() > 1) {
      throw new EnvironmentFailure(
          "Spark gave this process the GPUs %s, and it computes on one: set spark.executor.resource.gpu.amount, spark.task.resource.gpu.amount and spark.driver.resource.gpu.amount to 1, as conf/gpu.properties does. To use more GPUs of a host, run more executors there."
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
          "This machine has %d GPUs (%s), and Spark gave this process none of them: on a cluster submit with conf/gpu.properties (the scripts of submit/ do with BACKEND=cuda), in local mode name one in the environment, such as %s=%s."
              .formatted(gpus.size(), all(gpus), VISIBLE, gpus.get(0).index()));
    }
    List<String> named =
        Stream.of(visible.split(",")).map(String::strip).filter(name -> !name.isEmpty()).toList();
    if (named.size() != 1) {
      throw new EnvironmentFailure(
          "%s is '%s' in the environment of this process, and must name one GPU if Spark does not assign GPUs: set it to the index or UUID of one of %s; on a cluster submit with conf/gpu.properties."
              .formatted(VISIBLE, visible, all(gpus)));
    }
    return at(gpus, named.get(0), VISIBLE + " in the environment names");
  }

  private static Gpu at(List<Gpu> gpus, String address, String source) {
    return gpus.stream()
        .filter(gpu -> gpu.isAt(address))
        .findFirst()
        .map(GpuChoice::whole)
        .orElseThrow(
            () ->
                new EnvironmentFailure(
                    "%s GPU '%s', and nvidia-smi knows only %s here: give the index or the UUID of one of these, and check the output of the discovery script of this host's worker."
                        .formatted(source, address, all(gpus))));
  }

  private static Gpu whole(Gpu gpu) {
    if (gpu.partitioned()) {
      throw new EnvironmentFailure(
          "%s is partitioned (MIG), and this program computes on whole GPUs: switch MIG off (nvidia-smi --mig=0), or give the process another GPU."
              .formatted(gpu));
    }
    return gpu;
  }

  private static String all(List<Gpu> gpus) {
    return gpus.stream().map(Gpu::toString).collect(Collectors.joining(", "));
  }
}
