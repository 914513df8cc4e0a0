package flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The system's Python, for tests that Python users read what this project writes.
 *
 * @param directory for what a script prints
 */
public record Python(Path directory) {
  private static final Path EXECUTABLE = Path.of("/usr/bin/python3");

  public record Ended(int exitCode, String output) {}

  /** A Python that has the module; the test is skipped where there is none. */
  public static Python with(String module, Path directory)
      throws IOException, InterruptedException {
    var python = new Python(directory);
    assumeTrue(
        Files.isExecutable(EXECUTABLE) && python.run("-c", "import " + module).exitCode == 0,
        () -> "This test needs " + EXECUTABLE + " with " + module + ".");
    return python;
  }

  /** Runs a script of the test resources. */
  public Ended runScript(String name, Path... arguments)
      throws IOException, InterruptedException, URISyntaxException {
    var script = Path.of(Python.class.getResource("/reference/" + name).toURI()).toString();
    var command = new String[1 + arguments.length];
    command[0] = script;
    for (int i = 0; i < arguments.length; i++) {
      command[1 + i] = arguments[i].toString();
    }
    return run(command);
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    var output = directory.resolve("output.txt");
    // -B: no compiled files beside the scripts.
    var command = new ProcessBuilder(EXECUTABLE.toString(), "-B");
    command.command().addAll(List.of(arguments));
    var process = command.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }
}
