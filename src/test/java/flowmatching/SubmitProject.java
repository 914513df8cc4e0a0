package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A built project with spaces in its path, whose Spark home only prints what it was called with.
 *
 * @param directory what it lies in; scripts are called from there
 */
record SubmitProject(Path directory) {
  record Ended(int exitCode, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  static SubmitProject in(Path directory) throws IOException {
    var made = new SubmitProject(directory);
    copy(Path.of("submit"), made.project().resolve("submit"));
    copy(Path.of("conf"), made.project().resolve("conf"));
    Files.createDirectories(made.jar().getParent());
    Files.createFile(made.jar());
    printingSparkHome(made.project().resolve("target/spark"));
    return made;
  }

  Path project() {
    return directory.resolve("a project");
  }

  Path jar() {
    return project().resolve("target/flow-matching.jar");
  }

  /** Runs a script of submit/ to its end. */
  Ended run(String script, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    var output = directory.resolve("output.txt");
    var builder = new ProcessBuilder(project().resolve("submit").resolve(script).toString());
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .keySet()
        .removeIf(
            name -> name.equals("MASTER") || name.equals("BACKEND") || name.startsWith("SPARK_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    var process =
        builder
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }

  static void printingSparkHome(Path home) throws IOException {
    script(
        home.resolve("bin/spark-submit"),
        """
        echo "folder $(pwd -P)"
        echo "address ${SPARK_LOCAL_IP:-}"
        echo "options $SPARK_SUBMIT_OPTS"
        printf '%s\\n' "$@"
        """);
  }

  static void script(Path file, String body) throws IOException {
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
