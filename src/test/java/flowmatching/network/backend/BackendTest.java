package flowmatching.network.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendTest {
  private static final String CPU = "org.nd4j.linalg.cpu.nativecpu.CpuBackend";
  private static final String CUDA = "org.nd4j.linalg.jcublas.JCublasBackend";

  @TempDir Path directory;

  @Test
  void theBackendOnTheClassPathIsFound() throws Exception {
    assertThat(of(CPU)).isEqualTo(Backend.CPU);
    assertThat(of("# generated\n" + CUDA + " # for GPUs\n")).isEqualTo(Backend.CUDA);
  }

  @Test
  void aBackendThatTwoJarsNameCountsOnce() throws Exception {
    assertThat(of(CPU, CPU)).isEqualTo(Backend.CPU);
  }

  @Test
  void theClassPathOfTheTestsHasOne() {
    assertThat(Backend.ofThisProcess()).isIn(Backend.CPU, Backend.CUDA);
  }

  @Test
  void twoBackendsAreRefusedWithTheirJars() {
    assertThatThrownBy(() -> of(CPU, CUDA))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("The class path has 2 backends of ND4J (" + CPU + " in file:")
        .hasMessageContaining(CUDA + " in file:")
        .hasMessageContaining("one jar of this program alone")
        .hasMessageContaining("spark.executor.extraClassPath");
  }

  @Test
  void aClassPathWithoutABackendIsRefused() {
    assertThatThrownBy(this::of)
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageStartingWith("The class path has no backend of ND4J");
  }

  @Test
  void anUnknownBackendIsRefused() {
    assertThatThrownBy(() -> of("org.nd4j.other.OtherBackend"))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("org.nd4j.other.OtherBackend, which this program does not know");
  }

  /** The backend of a class path with a jar per service file. */
  private Backend of(String... services) throws IOException {
    URL[] jars = new URL[services.length];
    for (int i = 0; i < jars.length; i++) {
      Path jar = directory.resolve("jar-" + i);
      Files.createDirectories(jar.resolve(Backend.SERVICE).getParent());
      Files.writeString(jar.resolve(Backend.SERVICE), services[i]);
      jars[i] = jar.toUri().toURL();
    }
    try (var loader = new URLClassLoader(jars, null)) {
      return Backend.of(loader);
    }
  }
}
