package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import org.junit.jupiter.api.Test;

/** Parses real output of nvidia-smi. */
class NvidiaSmiTest {
  static final String A10 =
      "0, GPU-3b1a9c04-7f0e-5c1d-9a67-2f4f0d8f5b11, NVIDIA A10, 8.6, 23028, 22731, Default,"
          + " Disabled";
  static final String T4 =
      "1, GPU-91e05a5f-12c2-63b0-6f0d-8b9a3a4f7c22, Tesla T4, 7.5, 15360, 14930, Exclusive_Process,"
          + " [N/A]";
  static final String H100 =
      "0, GPU-5d7b2c1e-aaaa-4b0c-8a55-0c7e5f3d9e33, NVIDIA H100 80GB HBM3, 9.0, 81559, 81004,"
          + " Default, Disabled";

  @Test
  void eachLineIsAGpu() {
    assertThat(NvidiaSmi.parse(0, A10 + "\n" + T4))
        .containsExactly(
            new Gpu(
                0,
                "GPU-3b1a9c04-7f0e-5c1d-9a67-2f4f0d8f5b11",
                "NVIDIA A10",
                new Capability(8, 6),
                23028L << 20,
                22731L << 20,
                false,
                false),
            new Gpu(
                1,
                "GPU-91e05a5f-12c2-63b0-6f0d-8b9a3a4f7c22",
                "Tesla T4",
                new Capability(7, 5),
                15360L << 20,
                14930L << 20,
                true,
                false));
  }

  @Test
  void theAnswerOfADriverThatFailsIsQuoted() {
    assertThatThrownBy(
            () ->
                NvidiaSmi.parse(
                    9,
                    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
                        + " Make sure that the latest NVIDIA driver is installed and running.\n"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith(
            "NVIDIA's driver does not answer: nvidia-smi ended with exit code 9")
        .hasMessageContaining("couldn't communicate with the NVIDIA driver")
        .hasMessageContaining("flow-matching.jar");
  }

  @Test
  void theAnswerOfADriverThatIsTooOldIsQuoted() {
    assertThatThrownBy(
            () -> NvidiaSmi.parse(2, "Field \"compute_cap\" is not a valid field to query.\n"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("\"compute_cap\" is not a valid field")
        .hasMessageContaining("version 510 or later");
  }

  @Test
  void aMachineWithoutAGpuIsRefused() {
    for (String nothing : new String[] {"", "No devices were found"}) {
      assertThatThrownBy(() -> NvidiaSmi.parse(0, nothing))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageStartingWith("NVIDIA's driver sees no GPU on this machine")
          .hasMessageContaining("flow-matching.jar");
    }
  }

  @Test
  void aLineInAnotherFormatIsQuoted() {
    for (String line :
        new String[] {"0, GPU-3b1a", A10.replace("8.6", "[N/A]"), A10.replace("0, ", "zero, ")}) {
      assertThatThrownBy(() -> NvidiaSmi.parse(0, line))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageContaining("'" + line + "'")
          .hasMessageContaining("510 or later");
    }
  }
}
