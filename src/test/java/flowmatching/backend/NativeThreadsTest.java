package flowmatching.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeThreadsTest {
  @Test
  void oneThreadComputesWhereOneIsAskedFor() throws Exception {
    assertThat(counts(Map.of(), "1")).containsExactly("1 for OpenMP, 1 for BLAS");
  }

  @Test
  void moreThreadsThanCoresComputeWhereTheyAreAskedFor() throws Exception {
    var threads = Runtime.getRuntime().availableProcessors() + 1;
    assertThat(counts(Map.of(), "" + threads))
        .containsExactly("%1$d for OpenMP, %1$d for BLAS".formatted(threads));
  }

  @Test
  void theNumberAskedForGoesBeforeTheEnvironments() throws Exception {
    assertThat(counts(Map.of("OMP_NUM_THREADS", "3", "OPENBLAS_NUM_THREADS", "2"), "1"))
        .containsExactly("1 for OpenMP, 1 for BLAS");
  }

  @Test
  void theSameNumberMayBeAskedForAgainAndAnotherIsRefused() throws Exception {
    assertThat(counts(Map.of(), "1", "1", "2"))
        .containsExactly(
            "1 for OpenMP, 1 for BLAS",
            "1 for OpenMP, 1 for BLAS",
            "This process computes with 1 OpenMP threads a network since ND4J was loaded, and"
                + " cannot go over to 2: use one process for each number.");
  }

  private static List<String> counts(Map<String, String> environment, String... threads)
      throws IOException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder =
        new ProcessBuilder(
            java, "-cp", System.getProperty("java.class.path"), ThreadCount.class.getName());
    builder.command().addAll(List.of(threads));
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
