package flowmatching.means.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On local file systems without hard links or locks. */
class LocalDiskFailuresTest {
  @TempDir Path directory;

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"Operation not permitted", "Die Operation ist nicht erlaubt"})
  void withoutHardLinksAFileIsCreatedOnce(String reason) throws IOException {
    Placement placement = new WithoutLinks(reason);

    assertThat(placement.createIfAbsent(target(), new byte[] {1})).isTrue();
    assertThat(placement.createIfAbsent(target(), new byte[] {2})).isFalse();
    assertThat(Files.readAllBytes(directory.resolve("object"))).containsExactly(1);
  }

  @Test
  void ifALinkFailsOnADiskWithLinksThereIsNoRename() {
    Placement placement = new FailingOnce();

    assertThatThrownBy(() -> placement.createIfAbsent(target(), new byte[] {1}))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Stale file handle");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aDiskWithNeitherLinksNorLocksIsRefusedWithTheAlternatives() {
    Placement placement = new WithoutLocks(new IOException("No locks available"));

    assertThatThrownBy(() -> placement.createIfAbsent(target(), new byte[] {1}))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining(
            "object cannot be written: its file system has neither hard links nor file locks (No"
                + " locks available)")
        .hasMessageContaining("on another local disk, on hdfs: or on s3a:.");
    assertThat(directory.resolve("object")).doesNotExist();
  }

  @Test
  void anInterruptedWaitForALockIsNotReportedAsAMissingLock() {
    Placement placement = new WithoutLocks(new FileLockInterruptionException());

    assertThatThrownBy(() -> placement.createIfAbsent(target(), new byte[] {1}))
        .isInstanceOf(FileLockInterruptionException.class);
  }

  private org.apache.hadoop.fs.Path target() {
    return new org.apache.hadoop.fs.Path(directory.resolve("object").toUri());
  }

  private static class WithoutLinks extends LocalRename {
    private final String reason;

    WithoutLinks(String reason) {
      this.reason = reason;
    }

    @Override
    void link(Path link, Path file) throws IOException {
      throw new FileSystemException(link.toString(), file.toString(), reason);
    }
  }

  private static final class FailingOnce extends LocalRename {
    private boolean failed;

    @Override
    void link(Path link, Path file) throws IOException {
      if (failed) {
        super.link(link, file);
        return;
      }
      failed = true;
      throw new FileSystemException(link.toString(), file.toString(), "Stale file handle");
    }
  }

  private static final class WithoutLocks extends WithoutLinks {
    private final IOException failure;

    WithoutLocks(IOException failure) {
      super("Operation not permitted");
      this.failure = failure;
    }

    @Override
    void lock(FileChannel channel) throws IOException {
      throw failure;
    }
  }
}
