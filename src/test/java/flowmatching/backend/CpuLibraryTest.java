package flowmatching.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.failure.EnvironmentFailure;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuLibraryTest {
  private static final String AVX2 = "fpu sse4_2 fma avx avx2";

  @Test
  void avx512IsChosenWhereAllItsPartsAreThere() {
    assertThat(CpuLibrary.best(cpuInfo(AVX2 + " avx512f avx512dq avx512cd avx512bw avx512vl")))
        .isEqualTo(CpuLibrary.AVX512);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        AVX2,
        AVX2 + " avx512f avx512cd avx512er avx512pf", // Xeon Phi
        AVX2 + " avx512f avx512dq avx512cd avx512bw avx512vlx"
      })
  void avx2IsChosenWithoutThem(String flags) {
    assertThat(CpuLibrary.best(cpuInfo(flags))).isEqualTo(CpuLibrary.AVX2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fpu sse4_2 avx fma", "fpu avx avx2", ""})
  void aProcessorWithNeitherIsASentence(String flags) {
    assertThatThrownBy(() -> CpuLibrary.best(cpuInfo(flags)))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("This machine's processor has neither AVX-512 nor AVX2 with FMA");
  }

  @Test
  void aMachineThatTellsNoFlagsIsASentence() {
    assertThatThrownBy(() -> CpuLibrary.best("processor : 0\n"))
        .isInstanceOf(EnvironmentFailure.class);
  }

  @Test
  void aProcessKeepsTheLibraryThatItStartedWith() {
    CpuLibrary.best().use();
    var other =
        Arrays.stream(CpuLibrary.values())
            .filter(library -> library != CpuLibrary.best())
            .findFirst()
            .orElseThrow();
    assertThatThrownBy(other::use)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("-Dorg.bytedeco.javacpp.platform.extension=-onednn-");
  }

  private static String cpuInfo(String flags) {
    return """
    processor\t: 0
    model name\t: A processor with avx512f in its name
    flags\t\t: %s
    bugs\t\t: spectre_v1
    """
        .formatted(flags);
  }
}
