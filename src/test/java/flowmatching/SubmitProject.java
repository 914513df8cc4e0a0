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
 * A built project, whose Spark home only prints what it was called with.
 *
 * @param directory what it lies in; scripts are called from there
 * @param name that of its folder
 */
record SubmitProject(Path directory, String name) {
  record Ended(int exitCode, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  /** A project with spaces in its path. */
  static SubmitProject in(Path directory) throws IOException {
    return in(directory, "a project");
  }

  static SubmitProject in(Path directory, String name) throws IOException {
    var made = new SubmitProject(directory, name);
    copy(Path.of("submit"), made.project().resolve("submit"));
    copy(Path.of("submit/schedule"), made.project().resolve("submit/schedule"));
    copy(Path.of("conf"), made.project().resolve("conf"));
    Files.createDirectories(made.jar().getParent());
    Files.createFile(made.jar());
    printingSparkHome(made.project().resolve("target/spark"));
    return made;
  }

  Path project() {
    return directory.resolve(name);
  }

  Path jar() {
    return project().resolve("target/flow-matching.jar");
  }

  /** Runs a script of submit/ to its end. */
  Ended run(String script, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return runFile(project().resolve("submit").resolve(script), environment, arguments);
  }

  /** Runs a file, of which the path may be relative to {@code directory}, to its end. */
  Ended runFile(Path file, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    var process = start(file, environment, arguments);
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), output());
  }

  /** Starts a file; the caller ends it. */
  Process start(Path file, Map<String, String> environment, String... arguments)
      throws IOException {
    var builder = new ProcessBuilder("env", file.toString());
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .keySet()
        .removeIf(
            name -> name.equals("MASTER") || name.equals("BACKEND") || name.startsWith("SPARK_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output.txt").toFile())
        .start();
  }

  /** What the last script said. */
  String output() throws IOException {
    return Files.readString(directory.resolve("output.txt"));
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
