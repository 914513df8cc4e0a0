package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import org.junit.jupiter.api.Test;

class LibraryTest {
  private static final Processor AVX2 = processor("fpu sse2 avx avx2 fma");
  private static final Processor AVX512 =
      processor("fpu sse2 avx avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl");

  @Test
  void aProcessorWithBothGetsTheFasterLibrary() {
    assertThat(Library.best(AVX512)).isEqualTo(Library.AVX512);
  }

  @Test
  void aProcessorWithoutAvx512GetsAvx2() {
    assertThat(Library.best(AVX2)).isEqualTo(Library.AVX2);
  }

  @Test
  void aSubsetOfAvx512IsNotEnough() {
    assertThat(Library.best(processor("avx2 fma avx512f avx512cd"))).isEqualTo(Library.AVX2);
  }

  @Test
  void aProcessorWithNeitherIsRefused() {
    assertThatThrownBy(() -> Library.best(processor("fpu sse2 avx avx2")))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("neither AVX-512 nor AVX2 with FMA");
    assertThatThrownBy(() -> Library.best(Processor.parse("processor : 0\n")))
        .isInstanceOf(EnvironmentFailure.class);
  }

  @Test
  void anExecutorThatCannotRunTheDriversLibraryIsRefused() {
    assertThatThrownBy(() -> Library.AVX512.checkRuns(AVX2))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("AVX512")
        .hasMessageContaining("avx512f");
    Library.AVX512.checkRuns(AVX512);
  }

  @Test
  void anExecutorWithAnotherBackendThanTheDriversIsRefused() {
    Library.CUDA.checkBackend(Backend.CUDA);
    Library.AVX2.checkBackend(Backend.CPU);
    assertThatThrownBy(() -> Library.CUDA.checkBackend(Backend.CPU))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("ND4J's library CUDA")
        .hasMessageContaining("ND4J's backend for CPU")
        .hasMessageContaining("with one jar");
    assertThatThrownBy(() -> Library.AVX512.checkBackend(Backend.CUDA))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("ND4J's library AVX512")
        .hasMessageContaining("ND4J's backend for CUDA");
  }

  private static Processor processor(String flags) {
    return Processor.parse(
        "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: " + flags + "\nbogomips\t: 4\n");
  }
}
