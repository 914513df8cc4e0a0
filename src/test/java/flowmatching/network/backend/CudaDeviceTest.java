package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaDeviceTest {
  private static final Gpu A10 = NvidiaSmi.parse(0, NvidiaSmiTest.A10).get(0);
  private static final Gpu T4 = NvidiaSmi.parse(0, NvidiaSmiTest.T4).get(0);

  @Test
  void aSecondGpuForAnExecutorThatAlreadyComputesIsRefused() {
    CudaDevice.checkAddresses(A10, List.of());
    CudaDevice.checkAddresses(A10, List.of("0"));
    assertThatThrownBy(() -> CudaDevice.checkAddresses(A10, List.of("1")))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("This process computes on GPU 0 (NVIDIA A10,")
        .hasMessageContaining("GPU 1 as well")
        .hasMessageContaining("spark.executor.resource.gpu.amount to 1");
  }

  @Test
  void aCardThatIsTooNewIsRefusedWithTheCapabilitiesOfTheLibrary() {
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
  void severalDevicesOrAnotherOneAreRefused() {
    CudaDevice.checkDevices(A10, 1, A10.capability());
    assertThatThrownBy(() -> CudaDevice.checkDevices(A10, 2, A10.capability()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("CUDA shows this process 2 devices, the first of compute");
    assertThatThrownBy(() -> CudaDevice.checkDevices(A10, 1, T4.capability()))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("capability 7.5, and it computes only on GPU 0");
  }
}
