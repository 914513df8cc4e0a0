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
 * The folder of Aeron's buffers, which is in shared memory on Linux.
 *
 * @param path the folder in which each process creates its own
 * @param free bytes
 * @param termLength bytes of a term, see {@link AeronProperties#TERM_LENGTH}
 * @param stale folders of this user that ended processes have left
 */
public record SharedMemory(String path, long free, long termLength, List<String> stale)
    implements Serializable {
  private static final int TERMS = 3;
  private static final long PAGE = 4096;

  /** Needed beside the connections: commands, counters, errors, losses. */
  private static final long PROCESS_BYTES = 9L << 20;

  /** Processes write a heartbeat every second; without one for this long they are dead. */
  private static final int DEAD_AFTER_MS = 10_000;

  /** The folder on this machine, with this process's settings. */
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

  /** Aeron names a folder by the user and a random id. */
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
      return !CommonContext.isDriverActive(folder.toFile(), DEAD_AFTER_MS, line -> {});
    } catch (RuntimeException e) {
      // It is just being created or removed, or belongs to another version or user.
      return false;
    }
  }

  /** Bytes that the processes here, which may include the server, need to reach all. */
  public long needed(int here, int all) {
    int clients = here - 1;
    return here * PROCESS_BYTES + 2L * (clients + all - 1) * (TERMS * termLength + PAGE);
  }
}
