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
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Local files as they are. Hadoop compares a local file with the hidden {@code .NAME.crc} beside
 * it, if there is one. Whoever replaces the file by other means than Hadoop leaves a checksum of
 * the old content behind, and a file that is sound would be refused. Hadoop also takes local files
 * of which it is told nothing for files that are not there.
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

  /**
   * Whether there is a file or a folder. Hadoop says that a local one is not there if the folder
   * that it is in may not be searched.
   *
   * @param files as {@link #unchecked} gives it
   * @throws IOException if the file system does not say
   */
  public static boolean isThere(FileSystem files, Path path) throws IOException {
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
      if (Files.isRegularFile(file.getParent())) {
        return false;
      }
      throw e;
    }
  }

  /**
   * The names of the files and folders directly in a folder, sorted. Hadoop leaves out local ones
   * that may be listed and not looked at.
   *
   * @param files as {@link #unchecked} gives it
   * @throws FileNotFoundException if there is no such folder
   * @throws IOException if it cannot be listed
   */
  public static List<String> names(FileSystem files, Path folder) throws IOException {
    if (!(files instanceof RawLocalFileSystem local)) {
      return sorted(
          Stream.of(files.listStatus(folder)).map(FileStatus::getPath).map(Path::getName));
    }
    try (var entries = Files.list(local.pathToFile(folder).toPath())) {
      return sorted(entries.map(entry -> entry.getFileName().toString()));
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException(e.getMessage());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static List<String> sorted(Stream<String> names) {
    return names.sorted().toList();
  }
}
