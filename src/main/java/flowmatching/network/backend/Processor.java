package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * An x86-64 processor.
 *
 * @param flags its instruction sets, as Linux names them: {@code avx2}
 */
record Processor(Set<String> flags) {
  /**
   * The processor of this machine.
   *
   * @throws EnvironmentFailure if Linux does not describe it
   */
  static Processor ofThisMachine() {
    try {
      return parse(Files.readString(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "The processor's instruction sets cannot be read from /proc/cpuinfo: %s."
              .formatted(e.getMessage()),
          e);
    }
  }

  /** The first processor in the text of /proc/cpuinfo. */
  static Processor parse(String cpuInfo) {
    return cpuInfo
        .lines()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).trim().split("\\s+"))
        .map(flags -> new Processor(Set.copyOf(List.of(flags))))
        .orElse(new Processor(Set.of()));
  }
}
