package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.package$;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Spark home that the build makes. */
class SparkHomeIT {
  @TempDir Path directory;

  /** JUnit would warn that it removes them. */
  @AfterEach
  void deleteLinks() throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }

  @Test
  void sparkSubmitIsTheSparkOfTheBuild() throws Exception {
    assertThat(submit("--version")).isZero();
    assertThat(output()).contains("version " + package$.MODULE$.SPARK_VERSION());
  }

  @Test
  void itIsFoundThroughALinkAndWithFoldersThatCdLooksFor() throws Exception {
    Path link = directory.resolve("submit");
    Files.createSymbolicLink(link, Path.of("target/spark/bin/spark-submit").toAbsolutePath());
    assertThat(submit(link, "--version")).isZero();

    home("bin");
    assertThat(submit(Path.of("bin/bin/spark-submit"), "--version")).isZero();
    assertThat(output()).contains("version " + package$.MODULE$.SPARK_VERSION());
  }

  @Test
  void itsPathHasAnyCharacterButThatWhereJavaSplitsClassPaths() throws Exception {
    assertThat(submit(home("a #1 %41 ü").resolve("bin/spark-submit"), "--version")).isZero();

    Path split = home("a:b");
    assertThat(submit(split.resolve("bin/spark-submit"), "--version")).isEqualTo(3);
    assertThat(output())
        .startsWith("The Spark home " + split.toRealPath() + " has ':' in its path")
        .hasLineCount(1);
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

  /** A Spark home of another name, with the scripts and the libraries of the build's. */
  private Path home(String name) throws IOException {
    Path build = Path.of("target/spark").toAbsolutePath();
    Path bin = Files.createDirectories(directory.resolve(name).resolve("bin"));
    for (String script : List.of("spark-class", "spark-submit")) {
      Files.copy(
          build.resolve("bin").resolve(script),
          bin.resolve(script),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createSymbolicLink(bin.resolveSibling("jars"), build.resolve("jars"));
    return bin.getParent();
  }

  private int submit(String... arguments) throws IOException, InterruptedException {
    return submit(Path.of("target/spark/bin/spark-submit").toAbsolutePath(), arguments);
  }

  private int submit(Path script, String... arguments) throws IOException, InterruptedException {
    var builder = new ProcessBuilder("env", script.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("CDPATH", directory.toString());
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
