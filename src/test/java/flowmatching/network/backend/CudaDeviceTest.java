package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which GPU a process computes on, and which it refuses. */
class CudaDeviceTest {
  private static final List<Gpu> TWO =
      NvidiaSmi.parse(0, NvidiaSmiTest.A10 + "\n" + NvidiaSmiTest.T4);
  private static final Gpu A10 = TWO.get(0);
  private static final Gpu T4 = TWO.get(1);

  @Test
  void sparksChoiceByIndexOrUuid() {
    assertThat(CudaDevice.choose(TWO, List.of("1"), null)).isEqualTo(T4);
    assertThat(CudaDevice.choose(TWO, List.of(T4.uuid()), null)).isEqualTo(T4);
    assertThat(CudaDevice.choose(TWO, List.of("GPU-3b1a"), null)).isEqualTo(A10);
  }

  @Test
  void sparksChoiceGoesBeforeTheEnvironment() {
    assertThat(CudaDevice.choose(TWO, List.of("1"), "0")).isEqualTo(T4);
  }

  @Test
  void withoutSparkTheEnvironmentsChoiceOrTheOnlyOne() {
    assertThat(CudaDevice.choose(TWO, List.of(), "1")).isEqualTo(T4);
    assertThat(CudaDevice.choose(TWO, List.of(), " " + A10.uuid())).isEqualTo(A10);
    assertThat(CudaDevice.choose(List.of(T4), List.of(), null)).isEqualTo(T4);
  }

  @Test
  void severalWithoutAChoiceAreRefused() {
    assertThatThrownBy(() -> CudaDevice.choose(TWO, List.of(), null))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessage(
            "This machine has 2 GPUs (GPU 0 (NVIDIA A10, compute capability 8.6), GPU 1 (Tesla T4,"
                + " compute capability 7.5)), and Spark gave this process none of them: on a cluster"
                + " submit with conf/gpu.properties (the scripts of submit/ do with BACKEND=cuda), in"
                + " local mode name one in the environment, such as CUDA_VISIBLE_DEVICES=0.");
  }

  @Test
  void anEnvironmentThatHidesAllOrNamesSeveralIsRefused() {
    for (String visible : new String[] {"", ",", "0,1"}) {
      assertThatThrownBy(() -> CudaDevice.choose(TWO, List.of(), visible))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageStartingWith(
              "CUDA_VISIBLE_DEVICES is '%s' in the environment of this process, and must name one"
                  .formatted(visible));
    }
    assertThatThrownBy(() -> CudaDevice.choose(TWO, List.of(), "NoDevFiles"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("CUDA_VISIBLE_DEVICES in the environment names GPU 'NoDevFiles'");
  }

  @Test
  void aGpuThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> CudaDevice.choose(TWO, List.of("7"), null))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("Spark gave this process GPU '7', and nvidia-smi knows only GPU 0")
        .hasMessageContaining("discovery script");
  }

  @Test
  void aGpuThatIsCutIntoPartsIsRefused() {
    List<Gpu> cut = NvidiaSmi.parse(0, NvidiaSmiTest.H100.replace("Disabled", "Enabled"));
    for (List<String> addresses : List.of(List.of("0"), List.<String>of())) {
      assertThatThrownBy(() -> CudaDevice.choose(cut, addresses, null))
          .isInstanceOf(EnvironmentFailure.class)
          .hasMessageStartingWith("GPU 0 (NVIDIA H100 80GB HBM3, compute capability 9.0) is cut")
          .hasMessageContaining("nvidia-smi --mig=0");
    }
  }

  @Test
  void severalOfSparkAreRefused() {
    assertThatThrownBy(() -> CudaDevice.choose(TWO, List.of("0", "1"), null))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("Spark gave this process the GPUs [0, 1], and it computes on one")
        .hasMessageContaining("spark.executor.resource.gpu.amount");
  }

  @Test
  void aSecondOneForAnExecutorThatComputesAlreadyIsRefused() {
    CudaDevice.checkAddresses(A10, List.of());
    CudaDevice.checkAddresses(A10, List.of("0"));
    assertThatThrownBy(() -> CudaDevice.checkAddresses(A10, List.of("1")))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("This process computes on GPU 0 (NVIDIA A10,")
        .hasMessageContaining("GPU 1 as well")
        .hasMessageContaining("spark.executor.resource.gpu.amount to 1");
  }

  @Test
  void aCardThatIsTooNewIsRefusedWithWhatTheLibraryHas() {
    Gpu h100 = NvidiaSmi.parse(0, NvidiaSmiTest.H100).get(0);
    DeviceCode code = DeviceCode.of(DeviceCodeTest.CUDA_11_6);
    CudaDevice.checkCode(A10, code);
    assertThatThrownBy(() -> CudaDevice.checkCode(h100, code))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith(
            "ND4J's library in this jar cannot run on GPU 0 (NVIDIA H100 80GB HBM3, compute"
                + " capability 9.0): it has machine code for 3.7, ")
        .hasMessageContaining("8.6 and no PTX")
        .hasMessageContaining("BACKEND=cuda-ptx")
        .hasMessageContaining("flow-matching.jar");
  }

  @Test
  void moreDevicesThanTheOneOrAnotherAreRefused() {
    CudaDevice.checkDevices(A10, 1, A10.capability());
    assertThatThrownBy(() -> CudaDevice.checkDevices(A10, 2, A10.capability()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("CUDA shows this process 2 devices, the first of compute");
    assertThatThrownBy(() -> CudaDevice.checkDevices(A10, 1, T4.capability()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("capability 7.5, and it computes on GPU 0");
  }
}
