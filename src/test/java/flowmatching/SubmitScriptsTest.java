package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the scripts of submit/ hand to spark-submit: a project with spaces in its path, whose Spark
 * home only prints what it was called with.
 */
class SubmitScriptsTest {
  @TempDir Path directory;
  private Path project;
  private Path sparkSubmit;
  private Path jar;

  @BeforeEach
  void makeProject() throws IOException {
    project = directory.resolve("a project");
    copy(Path.of("submit"), project.resolve("submit"));
    copy(Path.of("conf"), project.resolve("conf"));
    jar = Files.createDirectories(project.resolve("target")).resolve("flow-matching.jar");
    Files.createFile(jar);
    sparkSubmit = printingSparkHome(project.resolve("target/spark"));
  }

  @Test
  void argumentsGoToTheApplicationAndTheOptionsOfTheJobAreFilledIn() throws Exception {
    var ended = run("train.sh", Map.of(), "--config", "my run.conf", "train.epochs=1");

    assertThat(ended.exitCode).isZero();
    assertThat(ended.lines())
        .containsExactly(
            "folder " + directory.toRealPath(),
            "address 127.0.0.1",
            "options \"-Dlog4j2.configurationFile=" + project + "/conf/log4j2.properties\" ",
            "--master",
            "local[*]",
            "--properties-file",
            project + "/conf/train.properties",
            "--class",
            "TrainJob",
            jar.toString(),
            "--config",
            "my run.conf",
            "train.epochs=1");
  }

  @Test
  void whatStandsBeforeTwoDashesGoesToSparkSubmitAfterTheDefaults() throws Exception {
    var lines =
        run("sample.sh", Map.of(), "--conf", "a=b c", "--name", "x", "--", "sample.count=1")
            .lines();

    assertThat(lines.subList(lines.indexOf("--properties-file"), lines.size()))
        .containsExactly(
            "--properties-file",
            project + "/conf/sample.properties",
            "--conf",
            "a=b c",
            "--name",
            "x",
            "--class",
            "SampleJob",
            jar.toString(),
            "sample.count=1");
  }

  @Test
  void noArgumentsAreNone() throws Exception {
    assertThat(run("train.sh", Map.of()).lines()).endsWith("TrainJob", jar.toString());
  }

  @Test
  void aClustersMasterKeepsTheAddressOfTheNetwork() throws Exception {
    assertThat(run("train.sh", Map.of("MASTER", "spark://host:7077")).lines())
        .contains("address ")
        .containsSequence("--master", "spark://host:7077");
    assertThat(run("train.sh", Map.of(), "--master", "spark://host:7077", "--").lines())
        .contains("address ");
    assertThat(run("train.sh", Map.of(), "--master=spark://host:7077", "--").lines())
        .contains("address ");
  }

  @Test
  void sparkHomeIsUsedWhereItIsSet() throws Exception {
    Files.delete(sparkSubmit);
    var home = directory.resolve("other spark");
    printingSparkHome(home);

    assertThat(run("train.sh", Map.of("SPARK_HOME", home.toString())).exitCode).isZero();
  }

  @Test
  void aMissingJarIsASentenceThatNamesTheCommand() throws Exception {
    Files.delete(jar);

    assertThat(run("train.sh", Map.of()))
        .isEqualTo(
            new Ended(3, jar + " is not built: run mvn -DskipTests package in " + project + ".\n"));
  }

  @Test
  void aFolderThatIsNoSparkHomeIsASentence() throws Exception {
    var ended = run("sample.sh", Map.of("SPARK_HOME", "/nowhere"));

    assertThat(ended.exitCode).isEqualTo(3);
    assertThat(ended.output).startsWith("/nowhere is no Spark home").hasLineCount(1);
  }

  @Test
  void aMissingOrOtherJavaIsASentence() throws Exception {
    var missing = run("train.sh", Map.of("JAVA_HOME", "/nowhere"));
    assertThat(missing.exitCode).isEqualTo(3);
    assertThat(missing.output)
        .startsWith("No Java was found as '/nowhere/bin/java'")
        .hasLineCount(1);

    var java = directory.resolve("jdk/bin/java");
    script(java, "echo 'openjdk version \"1.8.0_392\"' >&2");
    var old = run("train.sh", Map.of("JAVA_HOME", directory.resolve("jdk").toString()));
    assertThat(old.exitCode).isEqualTo(3);
    assertThat(old.output)
        .isEqualTo(
            "'%s' is not Java 17 but openjdk version \"1.8.0_392\": set JAVA_HOME to a JDK 17.\n"
                .formatted(java));
  }

  private record Ended(int exitCode, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  /** Runs a script of the project from another folder. */
  private Ended run(String script, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    var output = directory.resolve("output.txt");
    var builder = new ProcessBuilder(project.resolve("submit").resolve(script).toString());
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .keySet()
        .removeAll(List.of("MASTER", "SPARK_HOME", "SPARK_LOCAL_IP", "SPARK_SUBMIT_OPTS"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    var process =
        builder
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }

  private static Path printingSparkHome(Path home) throws IOException {
    var sparkSubmit = home.resolve("bin/spark-submit");
    script(
        sparkSubmit,
        """
        echo "folder $(pwd -P)"
        echo "address ${SPARK_LOCAL_IP:-}"
        echo "options $SPARK_SUBMIT_OPTS"
        printf '%s\\n' "$@"
        """);
    return sparkSubmit;
  }

  private static void script(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + body);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    try (var files = Files.list(source)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
