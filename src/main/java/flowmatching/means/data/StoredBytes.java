package flowmatching.means.data;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.means.storage.LocalFiles;
import flowmatching.means.storage.Reason;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.commons.io.input.ProxyInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The bytes of one file as its file system returns them.
 *
 * <p>A failing file system throws a {@link Failure}, not an {@link IOException}, so that it passes
 * through decompression and is never taken for damage of the file.
 */
final class StoredBytes extends ProxyInputStream {
  private final Path path;
  private final FSDataInputStream file;

  private StoredBytes(Path path, FSDataInputStream file) {
    super(file);
    this.path = path;
    this.file = file;
  }

  /**
   * Opens a file.
   *
   * @throws DataFailure if it is missing
   * @throws EnvironmentFailure if access is denied or the file system fails
   */
  static StoredBytes open(Path path, Configuration hadoop) {
    try {
      var files = LocalFiles.unchecked(path, hadoop);
      try {
        return new StoredBytes(path, files.open(path));
      } catch (FileNotFoundException e) {
        // The local file system also reports a file that the user may not read as not found.
        throw LocalFiles.exists(files, path) ? denied(path, e) : unreadable(path, e);
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /**
   * The failure for a file that cannot be opened or read.
   *
   * <p>An {@link EOFException} is an outage: Hadoop throws it if a server closes the connection. At
   * the end of a file, reading returns {@code -1}.
   */
  static Failure unreadable(Path path, IOException reason) {
    if (reason instanceof ChecksumException) {
      return damaged(path, reason);
    }
    return reason instanceof FileNotFoundException
        ? new DataFailure(sentence(path, reason), reason)
        : denied(path, reason);
  }

  private static DataFailure damaged(Path path, IOException reason) {
    return new DataFailure(
        "%s is damaged: %s. Copy or download it again.".formatted(path, Reason.of(reason)), reason);
  }

  private static EnvironmentFailure denied(Path path, IOException reason) {
    return new EnvironmentFailure(sentence(path, reason), reason);
  }

  private static String sentence(Path path, IOException reason) {
    return "%s cannot be read: %s. Check that it exists and that user %s may read it on every machine of the cluster."
        .formatted(path, Reason.of(reason), System.getProperty("user.name"));
  }

  void seek(long offset) {
    try {
      file.seek(offset);
    } catch (EOFException e) {
      // The offset is beyond the end.
      throw damaged(path, e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  @Override
  protected void handleIOException(IOException reason) {
    throw unreadable(path, reason);
  }
}
