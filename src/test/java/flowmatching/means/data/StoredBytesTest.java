package flowmatching.means.data;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredBytesTest {
  @TempDir private Path folder;
  private final Configuration hadoop = new Configuration();

  @Test
  void closedConnectionIsNotReportedAsDamage() {
    hadoop.setClass("fs.closing.impl", ClosingFileSystem.class, FileSystem.class);

    assertThatThrownBy(
            () -> StoredBytes.open(new org.apache.hadoop.fs.Path("closing:///images"), hadoop))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContainingAll("images cannot be read: End of File Exception between");
  }

  @Test
  void offsetBeyondTheEndIsDamage() throws IOException {
    Path file = Files.write(folder.resolve("images"), new byte[10]);
    try (var bytes = StoredBytes.open(new org.apache.hadoop.fs.Path(file.toUri()), hadoop)) {
      // Local files refuse a negative offset like remote ones an offset beyond the end.
      assertThatThrownBy(() -> bytes.seek(-1))
          .isInstanceOf(DataFailure.class)
          .hasMessageContaining("images is damaged");
    }
  }

  /** A loop of links stands for a folder without search permission, which root always has. */
  @Test
  void fileThatCannotBeLookedAtIsNotReportedAsMissing() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);

    assertThatThrownBy(
            () -> StoredBytes.open(new org.apache.hadoop.fs.Path(loop + "/images"), hadoop))
        .isInstanceOf(EnvironmentFailure.class)
        .hasMessageContaining("loop/images cannot be read");
  }

  /** Fails as HDFS does if a NameNode goes away during a call. */
  public static final class ClosingFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("closing:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      throw new EOFException("End of File Exception between local host and destination host");
    }
  }
}
