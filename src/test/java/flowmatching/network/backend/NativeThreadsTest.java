package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import flowmatching.Computes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@Computes
class NativeThreadsTest {
  @BeforeAll
  static void onlyOnProcessors() {
    assumeThat(Backend.ofThisProcess()).isEqualTo(Backend.CPU);
  }

  @Test
  void anOperationUsesOneThread() throws Exception {
    assertThat(counts(Map.of(), "settle")).containsExactly("1 for OpenMP, 1 for BLAS");
  }

  @Test
  void theEnvironmentsNumberIsOverridden() throws Exception {
    assertThat(counts(Map.of("OMP_NUM_THREADS", "3", "OPENBLAS_NUM_THREADS", "2"), "settle"))
        .containsExactly("1 for OpenMP, 1 for BLAS");
  }

  @Test
  void theNumberStaysSettled() throws Exception {
    assertThat(counts(Map.of(), "settle", "settle"))
        .containsExactly("1 for OpenMP, 1 for BLAS", "1 for OpenMP, 1 for BLAS");
  }

  @Test
  void aProcessThatHasLoadedNd4jWithMoreThreadsIsRefused() throws Exception {
    assertThat(counts(Map.of("OMP_NUM_THREADS", "3"), "load", "settle"))
        .containsExactly(
            "This process computes with 3 OpenMP threads per operation because ND4J was loaded"
                + " before the job started: run the job in its own process.");
  }

  private static List<String> counts(Map<String, String> environment, String... steps)
      throws IOException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder =
        new ProcessBuilder(
            java, "-cp", System.getProperty("java.class.path"), ThreadCount.class.getName());
    builder.command().addAll(List.of(steps));
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
