package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.RunFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The GPUs of this machine, from the nvidia-smi of NVIDIA's driver. */
final class NvidiaSmi {
  /** Loading the driver takes a second or two, and longer with many cards. */
  private static final int TIMEOUT_S = 20;

  private static final List<String> COMMAND =
      List.of(
          "nvidia-smi",
          "--query-gpu=index,uuid,name,compute_cap,memory.total,memory.free,compute_mode,mig.mode.current",
          "--format=csv,noheader,nounits");

  private static final String ALTERNATIVE =
      "this jar computes only on NVIDIA's GPUs, in the driver as well as in executors; on machines"
          + " without one run flow-matching.jar (BACKEND unset)";

  private NvidiaSmi() {}

  /**
   * All GPUs, in the driver's order.
   *
   * @throws EnvironmentFailure if there is no driver, no answer from it, or no GPU
   */
  static List<Gpu> gpus() {
    Process process;
    try {
      process = new ProcessBuilder(COMMAND).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "No NVIDIA driver was found, because there is no nvidia-smi on the PATH: install the driver (in a container, NVIDIA's container toolkit brings it); %s."
              .formatted(ALTERNATIVE),
          e);
    }
    try {
      // Its output fits into the pipe.
      if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
        throw new EnvironmentFailure(
            "nvidia-smi did not answer within %d s: run it on the command line of this machine, and restart the machine if it hangs; %s."
                .formatted(TIMEOUT_S, ALTERNATIVE));
      }
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return parse(process.exitValue(), answer);
    } catch (IOException e) {
      throw new EnvironmentFailure("nvidia-smi cannot be read: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailure("The run was interrupted.", e);
    } finally {
      process.destroyForcibly();
    }
  }

  static List<Gpu> parse(int exitCode, String answer) {
    if (exitCode != 0) {
      throw new EnvironmentFailure(
          "NVIDIA's driver does not answer: nvidia-smi ended with exit code %d and '%s'. Check that the driver is loaded and of version 510 or later; %s."
              .formatted(exitCode, answer.lines().findFirst().orElse(""), ALTERNATIVE));
    }
    if (answer.isEmpty() || answer.startsWith("No devices")) {
      throw new EnvironmentFailure(
          "NVIDIA's driver sees no GPU on this machine: give the container or virtual machine one; %s."
              .formatted(ALTERNATIVE));
    }
    return answer.lines().map(NvidiaSmi::gpu).toList();
  }

  private static Gpu gpu(String line) {
    String[] fields = line.split(",\\s*", -1);
    try {
      return new Gpu(
          Integer.parseInt(fields[0].strip()),
          fields[1],
          fields[2],
          Capability.parse(fields[3]),
          mebibytes(fields[4]),
          mebibytes(fields[5]),
          fields[6].startsWith("Exclusive"),
          fields[7].equals("Enabled"));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new EnvironmentFailure(
          "nvidia-smi describes a GPU as '%s' instead of a number, a UUID, a name, a compute capability, two sizes in MiB and two modes: check that the driver is of version 510 or later."
              .formatted(line),
          e);
    }
  }

  private static long mebibytes(String text) {
    return Long.parseLong(text) << 20;
  }
}
