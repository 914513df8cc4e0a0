package flowmatching.means.preflight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The memory limit of this process's container (cgroup), beyond which the kernel kills it. The
 * JDK's OperatingSystemMXBean cannot tell it from the memory of a machine without a limit.
 */
final class MemoryLimit {
  /** No limit; cgroup version 1 writes larger numbers for it. */
  static final long NONE = 1L << 60;

  private final Path root;
  private final Path top;

  MemoryLimit(Path root) {
    this.root = root;
    this.top = root.resolve("sys/fs/cgroup");
  }

  /** The lowest limit that applies, in bytes, or {@link #NONE}. */
  long bytes() {
    // Parent groups limit as well; inside a container its own group is the top one.
    return groups()
        .flatMap(group -> Stream.iterate(group, folder -> folder.startsWith(top), Path::getParent))
        .flatMap(folder -> Stream.of("memory.max", "memory.limit_in_bytes").map(folder::resolve))
        .flatMapToLong(MemoryLimit::number)
        .filter(limit -> limit < NONE)
        .min()
        .orElse(NONE);
  }

  /** Folders of this process's groups, of cgroup version 2 (0::/PATH) and 1 (N:memory:/PATH). */
  private Stream<Path> groups() {
    try {
      return Files.readAllLines(root.resolve("proc/self/cgroup")).stream()
          .map(line -> line.split(":", 3))
          .filter(fields -> fields.length == 3 && fields[1].matches("(memory)?"))
          .map(fields -> top.resolve(fields[1]).resolve(fields[2].substring(1)).normalize());
    } catch (IOException e) {
      return Stream.of();
    }
  }

  private static LongStream number(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.matches("\\d+") ? LongStream.of(Long.parseLong(text)) : LongStream.empty();
    } catch (IOException | NumberFormatException e) {
      return LongStream.empty();
    }
  }
}
