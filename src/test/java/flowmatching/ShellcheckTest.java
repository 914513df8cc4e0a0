package flowmatching;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All shell scripts of the project, as shellcheck reads them. */
class ShellcheckTest {
  @TempDir Path directory;

  @Test
  void shellcheckFindsNothing() throws Exception {
    assumeTrue(
        isInstalled(), "shellcheck is not installed (on Debian: apt-get install shellcheck)");
    List<String> scripts = scripts();
    assertThat(scripts)
        .contains(
            ".ci/run",
            "submit/common.sh",
            "submit/schedule/nightly.sh",
            "src/main/spark-home/bin/spark-submit",
            "src/test/resources/reference/pytorch.sh");

    Path output = directory.resolve("output.txt");
    var command = new ArrayList<>(List.of("shellcheck", "--external-sources"));
    command.addAll(scripts);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output)).isEmpty();
    assertThat(process.exitValue()).isZero();
  }

  private static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "shellcheck")));
  }

  private static List<String> scripts() throws IOException {
    var scripts = new ArrayList<String>();
    for (String folder : List.of(".ci", "submit", "src")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files
            .filter(Files::isRegularFile)
            .filter(ShellcheckTest::isScript)
            .forEach(file -> scripts.add(file.toString()));
      }
    }
    return scripts;
  }

  private static boolean isScript(Path file) {
    try (var content = Files.newInputStream(file)) {
      String start = new String(content.readNBytes(64), ISO_8859_1);
      return file.toString().endsWith(".sh") || start.matches("(?s)#!\\S*[ /](ba)?sh\\s.*");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
