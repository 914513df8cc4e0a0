package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.driver.MediaDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.agrona.IoUtil;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {
  private static final long TERM = 4L << 20;

  @Test
  void aFolderWithoutAHeartbeatIsStale() throws IOException, InterruptedException {
    MediaDriver driver =
        MediaDriver.launchEmbedded(new MediaDriver.Context().dirDeleteOnShutdown(false));
    Path folder = Path.of(driver.aeronDirectoryName());
    try {
      assertThat(SharedMemory.here().stale()).doesNotContain(folder.toString());
    } finally {
      driver.close();
    }
    // The driver has ended without removing it; its last heartbeat is in the file.
    assertThat(folder).isDirectory();
    Thread.sleep(11_000);
    assertThat(SharedMemory.here().stale()).contains(folder.toString());
    IoUtil.delete(folder.toFile(), false);
  }

  @Test
  void theNeedCountsTheConnectionsOfAHost() {
    SharedMemory memory = new SharedMemory("/dev/shm", 0, TERM, List.of());
    long process = memory.needed(1, 1);
    long connection = 2 * (3 * TERM + 4096);
    assertThat(memory.needed(1, 2)).isEqualTo(process + connection);
    assertThat(memory.needed(1, 5)).isEqualTo(process + 4 * connection);
    assertThat(memory.needed(2, 2)).isEqualTo(2 * process + 2 * connection);
    assertThat(memory.needed(4, 4)).isEqualTo(4 * process + 6 * connection);
  }
}
