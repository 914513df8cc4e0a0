package flowmatching.means.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files are as kernels write them. */
class MemoryLimitTest {
  @TempDir Path root;

  @Test
  void versionTwoCountsParentGroups() throws IOException {
    write("proc/self/cgroup", "0::/pod/container\n");
    write("sys/fs/cgroup/pod/memory.max", "4294967296\n");
    write("sys/fs/cgroup/pod/container/memory.max", "max\n");
    assertThat(limit()).isEqualTo(4L << 30);
  }

  @Test
  void versionTwoInAContainerUsesTheTopGroup() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    write("sys/fs/cgroup/memory.max", "67108864\n");
    assertThat(limit()).isEqualTo(64L << 20);
  }

  @Test
  void versionOneUsesTheMemoryHierarchy() throws IOException {
    write("proc/self/cgroup", "8:cpu,cpuacct:/a\n4:memory:/docker/x\n");
    write("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "1073741824\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertThat(limit()).isEqualTo(1L << 30);
  }

  @Test
  void theTopGroupCountsIfTheOwnGroupIsNotMounted() throws IOException {
    write("proc/self/cgroup", "4:memory:/docker/x\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
    assertThat(limit()).isEqualTo(1L << 30);
  }

  @Test
  void withoutALimitItIsNone() throws IOException {
    assertThat(limit()).isEqualTo(MemoryLimit.NONE);
    write("proc/self/cgroup", "0::/\n");
    write("sys/fs/cgroup/memory.max", "max\n");
    assertThat(limit()).isEqualTo(MemoryLimit.NONE);
  }

  private long limit() {
    return new MemoryLimit(root).bytes();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }
}
