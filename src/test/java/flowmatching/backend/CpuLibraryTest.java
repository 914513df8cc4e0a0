package flowmatching.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.failure.EnvironmentFailure;
import org.junit.jupiter.api.Test;

class CpuLibraryTest {
  private static final String AVX2 = cpuInfo("fpu sse2 avx avx2 fma");
  private static final String AVX512 =
      cpuInfo("fpu sse2 avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl");

  @Test
  void aProcessorWithBothGetsTheFaster() {
    assertThat(CpuLibrary.best(AVX512)).isEqualTo(CpuLibrary.AVX512);
  }

  @Test
  void aProcessorWithoutAvx512GetsAvx2() {
    assertThat(CpuLibrary.best(AVX2)).isEqualTo(CpuLibrary.AVX2);
  }

  @Test
  void aPartOfAvx512IsNotEnough() {
    assertThat(CpuLibrary.best(cpuInfo("avx2 fma avx512f avx512cd"))).isEqualTo(CpuLibrary.AVX2);
  }

  @Test
  void aProcessorWithNeitherIsRefusedWithASentence() {
    assertThatThrownBy(() -> CpuLibrary.best(cpuInfo("fpu sse2 avx avx2")))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("neither AVX-512 nor AVX2 with FMA");
    assertThatThrownBy(() -> CpuLibrary.best("processor : 0\n"))
        .isInstanceOf(EnvironmentFailure.class);
  }

  @Test
  void anExecutorThatCannotRunTheDriversChoiceIsRefusedWithASentence() {
    assertThatThrownBy(() -> CpuLibrary.AVX512.checkRuns(AVX2))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("AVX512")
        .hasMessageContaining("avx512f");
    CpuLibrary.AVX512.checkRuns(AVX512);
  }

  private static String cpuInfo(String flags) {
    return "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: " + flags + "\nbogomips\t: 4\n";
  }
}
