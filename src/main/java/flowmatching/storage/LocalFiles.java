package flowmatching.storage;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Local files as they are. Hadoop compares a local file with the hidden {@code .NAME.crc} beside
 * it, if there is one. Whoever replaces the file by other means than Hadoop leaves a checksum of
 * the old content behind, and a file that is sound would be refused.
 */
public final class LocalFiles {
  private LocalFiles() {}

  /**
   * The file system of a path; if that is the local one, without its checksum files.
   *
   * @throws IOException if the path's scheme has no file system, or that cannot be set up
   */
  public static FileSystem unchecked(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRaw() : files;
  }
}
