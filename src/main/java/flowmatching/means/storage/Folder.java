package flowmatching.means.storage;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.settings.LocationText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A folder of a run's output, on any Hadoop file system: {@code file:}, {@code hdfs:}, {@code s3a:}
 * and others. A file appears in it whole or not at all, without a checksum file beside it.
 *
 * <p>Names may include sub-folders ({@code "png/17.png"}), which are created as needed. Names that
 * begin with a dot belong to unfinished writes, such as those of a killed process: they cannot be
 * written and are not listed.
 *
 * <p>Immutable, and serializable for Spark tasks. Methods throw {@link EnvironmentFailure} if the
 * file system fails or denies access.
 */
public final class Folder implements Serializable {
  /** Limit for files of lines, such as metrics. A line per epoch stays far below it. */
  public static final int MAX_LINES_BYTES = 64 << 20;

  /** Each waits for its store; S3A has many more connections. */
  private static final int MAX_WRITERS = 16;

  private final SerializableConfiguration configuration;
  private final Path path;

  private Folder(SerializableConfiguration configuration, Path path) {
    this.configuration = configuration;
    this.path = path;
  }

  /**
   * The folder at a path or URI, which need not exist yet. A path without a scheme is on the
   * configuration's default file system, and relative to the JVM's working directory.
   *
   * @throws ConfigurationFailure if the path is not valid
   * @throws EnvironmentFailure if its file system is unknown or has a client of the wrong version,
   *     or the path is local and this process cannot encode it
   */
  public static Folder of(String path, Configuration configuration) {
    Path parsed;
    try {
      parsed = new Path(path);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationFailure(
          "'%s' is not a valid folder: give a path such as /data/run, or a URI with // after its scheme, such as s3a://bucket/run."
              .formatted(path),
          e);
    }
    StoreClient.check(parsed.toUri(), configuration);
    Path qualified;
    try {
      qualified = parsed.getFileSystem(configuration).makeQualified(parsed);
    } catch (IOException | RuntimeException e) {
      // Hadoop reports a missing class, and some bad addresses, as runtime exceptions.
      throw new EnvironmentFailure(
          "The file system of %s cannot be used: %s. Check the scheme and host, and that the Spark home has the jars for that scheme."
              .formatted(path, Reason.of(e)),
          e);
    }
    LocationText.checkEncodable(qualified.toUri());
    return new Folder(new SerializableConfiguration(configuration), qualified);
  }

  /**
   * If the path is on an object store, checks within seconds that the store can be reached.
   *
   * @throws EnvironmentFailure if it cannot
   */
  public static void checkStore(String path, Configuration configuration) {
    int scheme = path.indexOf("://");
    if (scheme > 0 && Placement.isObjectStore(path.substring(0, scheme))) {
      of(path, configuration).checkReachable();
    }
  }

  /** The sub-folder of that name. */
  public Folder child(String name) {
    return new Folder(configuration, resolve(path, name));
  }

  /** Writes a file, or replaces it. If that fails, the old file is unchanged. */
  public void write(String name, byte[] bytes) {
    var target = resolve(path, name);
    try {
      placement().replace(target, bytes);
    } catch (IOException e) {
      throw notWritten(target, e);
    }
  }

  /** Writes files in parallel, each as {@link #write} does. If one fails, others may be there. */
  public void writeAll(Map<String, byte[]> files) {
    var threads = Executors.newFixedThreadPool(Math.max(1, Math.min(files.size(), MAX_WRITERS)));
    try {
      var writes = new ArrayList<Future<?>>();
      files.forEach((name, bytes) -> writes.add(threads.submit(() -> write(name, bytes))));
      for (var write : writes) {
        write.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw (Error) e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentFailure("Writing to %s was interrupted.".formatted(path), e);
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * Writes a file unless it exists. At most one of several concurrent callers gets {@code true}
   * (none if the store's answer was lost); {@link SinglePut} has the limits on object stores.
   *
   * @return whether this call created the file
   */
  public boolean createIfAbsent(String name, byte[] bytes) {
    var target = resolve(path, name);
    try {
      return placement().createIfAbsent(target, bytes);
    } catch (IOException e) {
      throw notWritten(target, e);
    }
  }

  /** Deletes a file, or a folder with its content, if it exists. */
  public void delete(String name) {
    var target = resolve(path, name);
    try {
      // The local file system reports a failure by the result alone.
      if (!fileSystem().delete(target, true) && fileSystem().exists(target)) {
        throw new IOException("the file system refused");
      }
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "%s cannot be removed: %s. Give user '%s' write permission there."
              .formatted(target, Reason.of(e), System.getProperty("user.name")),
          e);
    }
  }

  /**
   * Reads a whole file.
   *
   * @param maxBytes the largest size to accept
   * @throws DataFailure if it is missing, a folder, or larger
   */
  public byte[] read(String name, int maxBytes) {
    var source = resolve(path, name);
    return ask(
        source,
        files -> {
          try (var in = files.open(source)) {
            var bytes = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
              throw new DataFailure(
                  "%s has more bytes than the %d that it may have: it was changed, or this program did not write it. Copy the right file there."
                      .formatted(source, maxBytes));
            }
            return bytes;
          } catch (FileNotFoundException e) {
            throw notOpened(files, source, e);
          }
        });
  }

  /** The local file system also reports a file that the user may not read as not found. */
  private static Failure notOpened(FileSystem files, Path source, FileNotFoundException e)
      throws IOException {
    if (LocalFiles.isLinkToNothing(files, source)) {
      return new DataFailure(
          "%s is a link to nothing: restore what it names, or copy the file itself there."
              .formatted(source),
          e);
    }
    if (!LocalFiles.exists(files, source)) {
      return new DataFailure(
          "%s does not exist. Check the path, and that the run that writes it has finished."
              .formatted(source),
          e);
    }
    if (files.getFileStatus(source).isDirectory()) {
      return new DataFailure("%s cannot be read: it is a folder.".formatted(source), e);
    }
    return new EnvironmentFailure(
        "%s cannot be read: %s. Give user '%s' read permission."
            .formatted(source, Reason.of(e), System.getProperty("user.name")),
        e);
  }

  /** Whether there is a file or folder of that name. */
  public boolean exists(String name) {
    return exists(resolve(path, name));
  }

  /** Whether there is this folder, or a file instead of it. */
  public boolean exists() {
    return exists(path);
  }

  private boolean exists(Path source) {
    return ask(source, files -> LocalFiles.exists(files, source));
  }

  /** Whether the path is that of a file, and not of a folder. */
  public boolean isFile() {
    return ask(path, files -> LocalFiles.exists(files, path) && files.getFileStatus(path).isFile());
  }

  /**
   * Checks that neither this folder nor one that it is in is a file, or a link to nothing.
   *
   * @throws EnvironmentFailure if one is
   */
  public void checkNoFile() {
    boolean exists = false;
    for (Path part = path; part != null && !exists; part = part.getParent()) {
      Path of = part;
      exists = exists(of);
      boolean isFolder = exists && ask(of, files -> files.getFileStatus(of).isDirectory());
      if (!isFolder && (exists || ask(of, files -> LocalFiles.isLinkToNothing(files, of)))) {
        throw new EnvironmentFailure(
            "%s cannot be written to: %s. Remove it, or give another folder."
                .formatted(path, Reason.noFolder(of.toUri().getPath())));
      }
    }
  }

  /** The sorted names of the files and folders in this folder; none if it does not exist. */
  public List<String> list() {
    return ask(
        path,
        files -> {
          try {
            return LocalFiles.names(files, path).stream()
                .filter(name -> !name.startsWith("."))
                .toList();
          } catch (FileNotFoundException e) {
            return List.of();
          }
        });
  }

  /** The lengths in bytes of the files in this folder, by name; none if it does not exist. */
  public Map<String, Long> lengths() {
    return ask(
        path,
        files -> {
          try {
            return Stream.of(files.listStatus(path))
                .filter(FileStatus::isFile)
                .collect(Collectors.toMap(file -> file.getPath().getName(), FileStatus::getLen));
          } catch (FileNotFoundException e) {
            return Map.of();
          }
        });
  }

  /** Free bytes of the file system; {@link Long#MAX_VALUE} if unknown, as on object stores. */
  public long space() {
    return ask(
        path,
        files -> {
          var existing = path;
          while (!existing.isRoot() && !files.exists(existing)) {
            existing = existing.getParent();
          }
          var status = files.getStatus(existing);
          return status.getCapacity() > 0 ? status.getRemaining() : Long.MAX_VALUE;
        });
  }

  /**
   * Creates the folder, and tries within seconds what a run does in it: writes files, reads them
   * back, creates one concurrently, and deletes them. In those of its sub-folders that exist, which
   * may belong to another user, it writes and deletes one file.
   *
   * @param subFolders names of the sub-folders that the run writes to
   * @return whether only one of several concurrent callers can create a file, so that of two runs
   *     that start at the same time one is refused
   * @throws EnvironmentFailure if it cannot be written to, or returns other bytes than were written
   */
  public boolean checkWritable(String... subFolders) {
    return new FolderProbe(path, configuration.value()).checkWritable(subFolders);
  }

  /** Checks within seconds that the file system can say whether the folder exists. */
  public void checkReachable() {
    new FolderProbe(path, configuration.value()).checkReachable();
  }

  /** The last part of its path. */
  public String name() {
    return path.getName();
  }

  /** The folder's full URI. */
  @Override
  public String toString() {
    return path.toString();
  }

  static Path resolve(Path folder, String name) {
    var resolved = new Path(folder, name);
    if (resolved.getName().startsWith(".")) {
      throw new IllegalArgumentException(
          "Names that begin with a dot are reserved for temporary files: " + name);
    }
    return resolved;
  }

  private <T> T ask(Path source, FunctionRaisingIOE<FileSystem, T> question) {
    try {
      return question.apply(fileSystem());
    } catch (IOException e) {
      throw new EnvironmentFailure("%s cannot be read: %s.".formatted(source, Reason.of(e)), e);
    }
  }

  private Placement placement() throws IOException {
    return Placement.on(fileSystem(), configuration.value());
  }

  /** Each process checks its own encoding: an executor's may differ from the driver's. */
  private FileSystem fileSystem() throws IOException {
    LocationText.checkEncodable(path.toUri());
    return LocalFiles.unchecked(path, configuration.value());
  }

  private static EnvironmentFailure notWritten(Path target, IOException e) {
    return new EnvironmentFailure(
        "%s cannot be written: %s. %s.".formatted(target, Reason.of(e), Placement.fix(target)), e);
  }
}
