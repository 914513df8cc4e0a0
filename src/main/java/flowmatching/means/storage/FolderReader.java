package flowmatching.means.storage;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Reads and lists what is in a folder, for {@link Folder}. */
record FolderReader(Path folder, Configuration configuration) {

  byte[] read(String name, int maxBytes) {
    var source = Folder.resolve(folder, name);
    try (var in = fileSystem().open(source)) {
      var bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw new DataFailure(
            "%s is larger than %d bytes, the limit for such a file: it is damaged, or this program did not write it."
                .formatted(source, maxBytes));
      }
      return bytes;
    } catch (FileNotFoundException e) {
      throw notOpened(source, e);
    } catch (IOException e) {
      throw notReadable(source, e);
    }
  }

  /** The local file system also reports a file that the user may not read as not found. */
  private Failure notOpened(Path source, FileNotFoundException e) {
    try {
      if (LocalFiles.isLinkToNothing(fileSystem(), source)) {
        return new DataFailure(
            "%s is a link to nothing: restore what it names, or copy the file itself there."
                .formatted(source),
            e);
      }
      if (!LocalFiles.exists(fileSystem(), source)) {
        return new DataFailure(
            "%s does not exist. Check the path, and that the run that writes it has finished."
                .formatted(source),
            e);
      }
      if (fileSystem().getFileStatus(source).isDirectory()) {
        return new DataFailure("%s cannot be read: it is a folder.".formatted(source), e);
      }
      return new EnvironmentFailure(
          "%s cannot be read: %s. Give user '%s' read permission."
              .formatted(source, Reason.of(e), System.getProperty("user.name")),
          e);
    } catch (IOException unknown) {
      return notReadable(source, unknown);
    }
  }

  boolean exists(String name) {
    return exists(Folder.resolve(folder, name));
  }

  boolean exists() {
    return exists(folder);
  }

  private boolean exists(Path source) {
    try {
      return LocalFiles.exists(fileSystem(), source);
    } catch (IOException e) {
      throw notReadable(source, e);
    }
  }

  boolean isFile() {
    try {
      return LocalFiles.exists(fileSystem(), folder) && fileSystem().getFileStatus(folder).isFile();
    } catch (IOException e) {
      throw notReadable(folder, e);
    }
  }

  List<String> list() {
    try {
      return LocalFiles.names(fileSystem(), folder).stream()
          .filter(name -> !name.startsWith("."))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw notReadable(folder, e);
    }
  }

  Map<String, Long> lengths() {
    try {
      return Arrays.stream(fileSystem().listStatus(folder))
          .filter(FileStatus::isFile)
          .collect(Collectors.toMap(status -> status.getPath().getName(), FileStatus::getLen));
    } catch (FileNotFoundException e) {
      return Map.of();
    } catch (IOException e) {
      throw notReadable(folder, e);
    }
  }

  long space() {
    try {
      var existing = folder;
      while (!existing.isRoot() && !fileSystem().exists(existing)) {
        existing = existing.getParent();
      }
      var status = fileSystem().getStatus(existing);
      return status.getCapacity() > 0 ? status.getRemaining() : Long.MAX_VALUE;
    } catch (IOException e) {
      throw notReadable(folder, e);
    }
  }

  private FileSystem fileSystem() throws IOException {
    return Folder.fileSystem(folder, configuration);
  }

  private static EnvironmentFailure notReadable(Path source, IOException e) {
    return new EnvironmentFailure("%s cannot be read: %s.".formatted(source, Reason.of(e)), e);
  }
}
