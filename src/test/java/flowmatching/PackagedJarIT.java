package flowmatching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the application jar holds: all that a Spark home does not bring, and nothing that it does.
 */
class PackagedJarIT {
  private static final String SERVICES = "META-INF/services/";

  private static JarFile jar;

  @BeforeAll
  static void open() throws IOException {
    jar = new JarFile(Build.jar().toFile());
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org/apache/hadoop/",
        "org/apache/parquet/",
        "org/apache/logging/",
        "org/apache/log4j/",
        "org/slf4j/",
        "com/fasterxml/jackson/",
        "com/esotericsoftware/",
        "scala/",
        "log4j",
        "logback"
      })
  void whatSparkBringsIsLeftOut(String prefix) {
    assertThat(names()).noneMatch(name -> name.startsWith(prefix));
  }

  @Test
  void onlyDl4jsOwnHelperIsInSparksPackage() {
    assertThat(names().stream().filter(name -> name.startsWith("org/apache/spark/")))
        .allMatch(name -> name.matches("org/apache/spark/(TaskContextHelper\\$?\\.class)?"));
  }

  @Test
  void oneBackendIsThereWithItsLibraries() throws IOException {
    assertThat(names().stream().filter(name -> name.matches(".*/libnd4jc(pu|uda)\\.so")))
        .containsExactlyInAnyOrderElementsOf(
            switch (Build.backend()) {
              case "cuda" ->
                  List.of("org/nd4j/linalg/jcublas/bindings/linux-x86_64/libnd4jcuda.so");
              case "cuda-ptx" -> List.of("org/nd4j/nativeblas/linux-x86_64/libnd4jcuda.so");
              default ->
                  List.of(
                      "org/nd4j/linalg/cpu/nativecpu/bindings/linux-x86_64-onednn-avx2/libnd4jcpu.so",
                      "org/nd4j/linalg/cpu/nativecpu/bindings/linux-x86_64-onednn-avx512/libnd4jcpu.so");
            });
    assertThat(services("org.nd4j.linalg.factory.Nd4jBackend"))
        .containsExactly(
            Build.backend().isEmpty()
                ? "org.nd4j.linalg.cpu.nativecpu.CpuBackend"
                : "org.nd4j.linalg.jcublas.JCublasBackend");
  }

  /** NVIDIA's terms are for those who install them. */
  @Test
  void nvidiasLibrariesAreLeftOut() {
    assertThat(names())
        .noneMatch(name -> name.matches(".*/lib(cublas|cusolver|cudart|cudnn)[^/]*"));
  }

  @Test
  void servicesOfAllJarsAreMergedAndTheirClassesAreThere() throws IOException {
    for (var file : names()) {
      if (file.startsWith(SERVICES) && !file.endsWith("/")) {
        var classes = services(file.substring(SERVICES.length()));
        assertThat(names())
            .as(file)
            .containsAll(classes.stream().map(name -> name.replace('.', '/') + ".class").toList());
      }
    }
    assertThat(text(SERVICES + "org.apache.spark.sql.sources.DataSourceRegister").strip())
        .isEqualTo("flowmatching.means.data.IdxDataSource");
    // ND4J's API names some compressors, its libraries for processors others.
    assertThat(services("org.nd4j.linalg.compression.NDArrayCompressor"))
        .contains("org.nd4j.compression.impl.NoOp");
    if (Build.backend().isEmpty()) {
      assertThat(text(SERVICES + "org.nd4j.linalg.compression.NDArrayCompressor"))
          .contains("CpuThreshold");
    }
  }

  @Test
  void defaultsOfEveryKeyAreInside() throws IOException {
    assertThat(text("reference.conf")).contains("data {", "model {", "train {", "sample {");
  }

  @Test
  void licencesOfWhatIsBundledAreNamed() throws IOException {
    assertThat(text("META-INF/LICENSE"))
        .contains(
            "Apache License",
            "Deeplearning4j",
            "oneDNN",
            "Aeron",
            "JavaCPP",
            "OpenBLAS",
            "Java Native Access",
            "OSHI",
            "GCC Runtime Library Exception",
            "picocli");
    assertThat(text("META-INF/NOTICE"))
        .contains("Flow matching on Spark", "Apache Commons Net", "Jackson JSON processor");
    assertThat(names().stream().filter(name -> name.startsWith("META-INF/LICENSE")))
        .containsExactly("META-INF/LICENSE");
  }

  private static List<String> services(String name) throws IOException {
    return text(SERVICES + name)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  private static List<String> names() {
    return jar.stream().map(ZipEntry::getName).toList();
  }

  private static String text(String name) throws IOException {
    var entry = jar.getEntry(name);
    assertThat(entry).as(name).isNotNull();
    try (var in = jar.getInputStream(entry)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
