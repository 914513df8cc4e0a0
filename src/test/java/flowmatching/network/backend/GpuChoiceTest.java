package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuChoiceTest {
  private static final List<Gpu> TWO =
      NvidiaSmi.parse(0, NvidiaSmiTest.A10 + "\n" + NvidiaSmiTest.T4);
  private static final Gpu A10 = TWO.get(0);
  private static final Gpu T4 = TWO.get(1);

  @Test
  void sparkChoosesByIndexOrUuid() {
    assertThat(GpuChoice.of(TWO, List.of("1"), null)).isEqualTo(T4);
    assertThat(GpuChoice.of(TWO, List.of(T4.uuid()), null)).isEqualTo(T4);
    assertThat(GpuChoice.of(TWO, List.of("GPU-3b1a"), null)).isEqualTo(A10);
  }

  @Test
  void sparksChoiceOverridesTheEnvironment() {
    assertThat(GpuChoice.of(TWO, List.of("1"), "0")).isEqualTo(T4);
  }

  @Test
  void withoutSparkTheEnvironmentChoosesOrTheOnlyGpuIsTaken() {
    assertThat(GpuChoice.of(TWO, List.of(), "1")).isEqualTo(T4);
    assertThat(GpuChoice.of(TWO, List.of(), " " + A10.uuid())).isEqualTo(A10);
    assertThat(GpuChoice.of(List.of(T4), List.of(), null)).isEqualTo(T4);
  }

  @Test
  void severalGpusWithoutAChoiceAreRefused() {
    assertThatThrownBy(() -> GpuChoice.of(TWO, List.of(), null))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessage(
            "This machine has 2 GPUs (GPU 0 (NVIDIA A10, compute capability 8.6), GPU 1 (Tesla T4,"
                + " compute capability 7.5)), and Spark gave this process none of them: on a"
                + " cluster submit with conf/gpu.properties (the scripts of submit/ do with"
                + " BACKEND=cuda), in local mode name one in the environment, such as"
                + " CUDA_VISIBLE_DEVICES=0.");
  }

  @Test
  void anEnvironmentThatHidesAllGpusOrNamesSeveralIsRefused() {
    for (String visible : new String[] {"", ",", "0,1"}) {
      assertThatThrownBy(() -> GpuChoice.of(TWO, List.of(), visible))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageStartingWith(
              "CUDA_VISIBLE_DEVICES is '%s' in the environment of this process, and must name one"
                  .formatted(visible));
    }
    assertThatThrownBy(() -> GpuChoice.of(TWO, List.of(), "NoDevFiles"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("CUDA_VISIBLE_DEVICES in the environment names GPU 'NoDevFiles'");
  }

  @Test
  void anUnknownGpuIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> GpuChoice.of(TWO, List.of("7"), null))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("Spark gave this process GPU '7', and nvidia-smi knows only GPU 0")
        .hasMessageContaining("discovery script");
  }

  @Test
  void aPartitionedGpuIsRefused() {
    List<Gpu> partitioned = NvidiaSmi.parse(0, NvidiaSmiTest.H100.replace("Disabled", "Enabled"));
    for (List<String> addresses : List.of(List.of("0"), List.<String>of())) {
      assertThatThrownBy(() -> GpuChoice.of(partitioned, addresses, null))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageStartingWith(
              "GPU 0 (NVIDIA H100 80GB HBM3, compute capability 9.0) is partitioned (MIG)")
          .hasMessageContaining("nvidia-smi --mig=0");
    }
  }

  @Test
  void severalGpusFromSparkAreRefused() {
    assertThatThrownBy(() -> GpuChoice.of(TWO, List.of("0", "1"), null))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("Spark gave this process the GPUs [0, 1], and it computes on one")
        .hasMessageContaining("spark.executor.resource.gpu.amount");
  }
}
