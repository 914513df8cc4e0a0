package flowmatching.means.preflight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
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

  MemoryLimit(Path root) {
    this.root = root;
  }

  /** The lowest limit that applies, in bytes, or {@link #NONE}. */
  long bytes() {
    return groups()
        .mapMulti(this::withParents)
        .flatMapToLong(MemoryLimit::limit)
        .filter(limit -> limit < NONE)
        .min()
        .orElse(NONE);
  }

  /** Folders of this process's groups, of cgroup version 2 (0::/PATH) and 1 (N:memory:/PATH). */
  private Stream<Path> groups() {
    try {
      return Files.readAllLines(root.resolve("proc/self/cgroup")).stream()
          .map(line -> List.of(line.split(":", 3)))
          .filter(fields -> fields.size() == 3)
          .flatMap(
              fields ->
                  fields.get(1).isEmpty()
                      ? Stream.of(folder("sys/fs/cgroup", fields.get(2)))
                      : fields.get(1).equals("memory")
                          ? Stream.of(folder("sys/fs/cgroup/memory", fields.get(2)))
                          : Stream.of());
    } catch (IOException e) {
      return Stream.of();
    }
  }

  private Path folder(String hierarchy, String group) {
    return root.resolve(hierarchy).resolve(group.substring(1)).normalize();
  }

  /** Parent groups limit as well; inside a container its own group is the top one. */
  private void withParents(Path group, Consumer<Path> each) {
    Path top = root.resolve("sys/fs/cgroup");
    for (Path folder = group;
        folder != null && folder.startsWith(top);
        folder = folder.getParent()) {
      each.accept(folder);
    }
  }

  private static LongStream limit(Path folder) {
    return Stream.of("memory.max", "memory.limit_in_bytes")
        .map(folder::resolve)
        .flatMapToLong(MemoryLimit::number);
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
