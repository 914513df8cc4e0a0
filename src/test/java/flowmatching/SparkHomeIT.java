package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.package$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Spark home that the build makes. */
class SparkHomeIT {
  @TempDir Path directory;

  @Test
  void sparkSubmitIsTheSparkOfTheBuild() throws Exception {
    assertThat(submit("--version")).isZero();
    assertThat(output()).contains("version " + package$.MODULE$.SPARK_VERSION());
  }

  @Test
  void aLibraryIsThereInOneVersion() throws IOException {
    try (var jars = Files.list(Path.of("target/spark/jars"))) {
      assertThat(
              jars.map(jar -> jar.getFileName().toString())
                  // Two libraries are called so, JetBrains' and that of Amazon's SDK.
                  .filter(jar -> !jar.startsWith("annotations-"))
                  .map(jar -> jar.replaceFirst("-\\d[\\d.]*(?=\\.jar$)", "")))
          .doesNotHaveDuplicates()
          .contains("hadoop-client-api.jar");
    }
  }

  @Test
  void anApplicationThatCannotStartFails() throws Exception {
    assertThat(submit("--class", "NoSuchJob", "nowhere.jar")).isNotZero();
    assertThat(output()).contains("NoSuchJob");
  }

  @Test
  void anUnknownOptionFailsWithSparksMessage() throws Exception {
    assertThat(submit("--nonsense")).isNotZero();
    assertThat(output()).contains("Unrecognized option: --nonsense");
  }

  private int submit(String... arguments) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(Path.of("target/spark/bin/spark-submit").toAbsolutePath().toString());
    builder.command().addAll(List.of(arguments));
    var process =
        builder
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output.txt").toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return process.exitValue();
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output.txt"));
  }
}
