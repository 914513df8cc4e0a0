package flowmatching.network.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import flowmatching.Computes;
import flowmatching.base.settings.Precision;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What oneDNN does in a process of its own, see {@link InOwnProcess}. */
@Computes
class OneDnnProcessTest {
  private static final String LIMIT = "ONEDNN_MAX_CPU_ISA";

  @BeforeAll
  static void onlyOnProcessors() {
    assumeThat(Library.best()).isNotEqualTo(Library.CUDA);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AVX2", "AVX512_CORE"})
  void theVelocityMatchesTheReferenceWithFewerInstructions(String set) throws Exception {
    assumeThat(set.equals("AVX2") || Library.best() == Library.AVX512).isTrue();
    List<String> lines = printed(Map.of(LIMIT, set), "parity");
    assertThat(lines.get(0)).isEqualTo(set);
    assertThat(lines.subList(1, lines.size()))
        .hasSize(2)
        .allSatisfy(error -> assertThat(Double.parseDouble(error)).isLessThan(1e-4));
  }

  @Test
  void bfloat16IsRefusedIfTheProcessorLacksIt() throws Exception {
    assertThat(printed(Map.of(LIMIT, "AVX2"), "bfloat16"))
        .satisfiesExactly(
            precision -> assertThat(precision).isEqualTo("FLOAT32"),
            message ->
                assertThat(message)
                    .startsWith("The precision is bfloat16, which this processor does not")
                    .contains("oneDNN uses AVX2", "to auto or float32"));
  }

  @Test
  void thereIsOneOpenMpRuntime() throws Exception {
    assertThat(printed(Map.of(), "openmp")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void memoryDoesNotGrow(Precision precision) throws Exception {
    assumeThat(precision == Precision.FLOAT32 || hasBfloat16()).isTrue();
    assertThat(printed(Map.of(), "growth", precision.name()))
        .singleElement()
        .satisfies(megabytes -> assertThat(Integer.parseInt(megabytes)).isLessThanOrEqualTo(20));
  }

  private static boolean hasBfloat16() {
    return NumericIdentity.useBest(Precision.AUTO).precision() == Precision.BFLOAT16;
  }

  private static List<String> printed(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms256m",
            "-Xmx256m",
            "-XX:+AlwaysPreTouch",
            "-cp",
            System.getProperty("java.class.path"),
            InOwnProcess.class.getName());
    builder.command().addAll(List.of(arguments));
    builder.environment().putAll(environment);
    var process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      var lines = out.lines().toList();
      assertThat(process.waitFor()).isZero();
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }
}
