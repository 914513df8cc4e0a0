package flowmatching.means.storage;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.LocationText;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
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
    writer().write(name, bytes);
  }

  /** Writes files in parallel, each as {@link #write} does. If one fails, others may be there. */
  public void writeAll(Map<String, byte[]> files) {
    writer().writeAll(files);
  }

  /**
   * Writes a file unless it exists. At most one of several concurrent callers gets {@code true}
   * (none if the store's answer was lost); {@link SinglePut} has the limits on object stores.
   *
   * @return whether this call created the file
   */
  public boolean createIfAbsent(String name, byte[] bytes) {
    return writer().createIfAbsent(name, bytes);
  }

  /** Deletes a file, or a folder with its content, if it exists. */
  public void delete(String name) {
    writer().delete(name);
  }

  /**
   * Reads a whole file.
   *
   * @param maxBytes the largest size to accept
   * @throws DataFailure if it is missing, a folder, or larger
   */
  public byte[] read(String name, int maxBytes) {
    return reader().read(name, maxBytes);
  }

  /** Whether there is a file or folder of that name. */
  public boolean exists(String name) {
    return reader().exists(name);
  }

  /** Whether the path is that of a file, and not of a folder. */
  public boolean isFile() {
    return reader().isFile();
  }

  /** The sorted names of the files and folders in this folder; none if it does not exist. */
  public List<String> list() {
    return reader().list();
  }

  /** The lengths in bytes of the files in this folder, by name; none if it does not exist. */
  public Map<String, Long> lengths() {
    return reader().lengths();
  }

  /** Whether there is this folder, or a file instead of it. */
  public boolean exists() {
    return reader().exists();
  }

  /** Free bytes of the file system; {@link Long#MAX_VALUE} if unknown, as on object stores. */
  public long space() {
    return reader().space();
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
    return probe().checkWritable(subFolders);
  }

  /** Checks within seconds that the file system can say whether the folder exists. */
  public void checkReachable() {
    probe().checkReachable();
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

  /** Each process checks its own encoding: an executor's may differ from the driver's. */
  static FileSystem fileSystem(Path folder, Configuration configuration) throws IOException {
    LocationText.checkEncodable(folder.toUri());
    return LocalFiles.unchecked(folder, configuration);
  }

  private FolderReader reader() {
    return new FolderReader(path, configuration.value());
  }

  private FolderWriter writer() {
    return new FolderWriter(path, configuration.value());
  }

  private FolderProbe probe() {
    return new FolderProbe(path, configuration.value());
  }
}
