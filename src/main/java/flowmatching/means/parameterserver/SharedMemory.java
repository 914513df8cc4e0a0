package flowmatching.means.parameterserver;

import io.aeron.CommonContext;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.SystemUtil;

/**
 * The folder where Aeron keeps its buffers, which on Linux is shared memory.
 *
 * @param path the folder that processes make theirs in
 * @param free bytes
 * @param termLength bytes of a third of a connection's buffer, see {@link AeronProperties}
 * @param stale folders of this user whose process has ended without removing them
 */
public record SharedMemory(String path, long free, long termLength, List<String> stale)
    implements Serializable {
  private static final int TERMS = 3;
  private static final long PAGE = 4096;

  /** What a process needs beside its connections: commands, counters, errors, losses. */
  private static final long PROCESS_BYTES = 9L << 20;

  /** A process tells each second that it lives; so long after that it is taken for dead. */
  private static final int DEAD_MS = 10_000;

  /** As it is on this machine, for this process. */
  public static SharedMemory here() {
    AeronProperties.set();
    Path own = Path.of(CommonContext.getAeronDirectoryName());
    Path folder = own.toAbsolutePath().getParent();
    try {
      return new SharedMemory(
          folder.toString(),
          Files.getFileStore(folder).getUsableSpace(),
          SystemUtil.getSizeAsLong(AeronProperties.TERM_LENGTH, 0),
          stale(folder, own.getFileName() + "-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Aeron names a process's folder by the user and a random id. */
  private static List<String> stale(Path folder, String prefix) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().startsWith(prefix))
          .filter(path -> Files.isRegularFile(path.resolve("cnc.dat")) && isDead(path))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private static boolean isDead(Path folder) {
    try {
      return !CommonContext.isDriverActive(folder.toFile(), DEAD_MS, line -> {});
    } catch (RuntimeException e) {
      // It is being made or removed just now, is of another version, or another user's.
      return false;
    }
  }

  /**
   * Bytes that processes of one host need.
   *
   * @param here processes on this host; the server may be one of them
   * @param all processes
   */
  public long needed(int here, int all) {
    int clients = here - 1;
    return here * PROCESS_BYTES + 2L * (clients + all - 1) * (TERMS * termLength + PAGE);
  }
}
