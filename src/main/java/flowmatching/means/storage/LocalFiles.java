package flowmatching.means.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Works around Hadoop's handling of local files. Hadoop compares a local file with a hidden {@code
 * .NAME.crc} beside it, so that it refuses an intact file that another program replaced. It also
 * reports local files that the user may not look at as missing. The other methods take the file
 * system that {@link #unchecked} returns.
 */
public final class LocalFiles {
  private LocalFiles() {}

  /**
   * The file system of a path, without checksum files if it is the local one.
   *
   * @throws IOException if the path's scheme has no file system, or it cannot be set up
   */
  public static FileSystem unchecked(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRaw() : files;
  }

  /**
   * Whether there is a file or folder. Hadoop says no for a local one whose folder may not be
   * searched.
   *
   * @throws IOException if the file system cannot say
   */
  public static boolean exists(FileSystem files, Path path) throws IOException {
    if (!(files instanceof RawLocalFileSystem local)) {
      return files.exists(path);
    }
    var file = local.pathToFile(path).toPath();
    try {
      Files.readAttributes(file, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (FileSystemException e) {
      for (var parent = file.getParent(); parent != null; parent = parent.getParent()) {
        if (Files.isRegularFile(parent)) {
          return false;
        }
      }
      throw e;
    }
  }

  /** Whether there is a symbolic link whose target is missing. Only known of local files. */
  public static boolean isLinkToNothing(FileSystem files, Path path) throws IOException {
    return files instanceof RawLocalFileSystem local
        && Files.isSymbolicLink(local.pathToFile(path).toPath())
        && !exists(files, path);
  }

  /**
   * The sorted names of the files and folders directly in a folder. Hadoop omits local ones that
   * may be listed but not looked at.
   *
   * @throws FileNotFoundException if the folder does not exist
   * @throws IOException if it cannot be listed
   */
  public static List<String> names(FileSystem files, Path folder) throws IOException {
    if (!(files instanceof RawLocalFileSystem local)) {
      return Stream.of(files.listStatus(folder))
          .map(status -> status.getPath().getName())
          .sorted()
          .toList();
    }
    try (var entries = Files.list(local.pathToFile(folder).toPath())) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException(e.getMessage());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
