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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A folder of a run's output, on any Hadoop filesystem: {@code file:}, {@code hdfs:}, {@code s3a:}
 * and others. Objects in it appear whole or not at all, and no writer leaves checksum files beside
 * them.
 *
 * <p>Names may lead into sub-folders ({@code "png/17.png"}), which are made as needed. Names that
 * begin with a dot belong to unfinished writes: they cannot be written, and are not listed. What a
 * killed writer leaves behind has such a name.
 *
 * <p>Instances are immutable and travel to Spark tasks. A filesystem that fails or refuses is an
 * {@link EnvironmentFailure}, an object that is not there a {@link DataFailure}.
 */
public final class Folder implements Serializable {
  /** A line an epoch does not come near this; a file that does is not one of ours. */
  public static final int MAX_LINES_BYTES = 64 << 20;

  /** At once; S3A keeps many more connections. */
  private static final int WRITERS = 16;

  /** So few that a disk without room for a checkpoint is told so by its own check. */
  private static final int PROBE_BYTES = 256;

  private final SerializableConfiguration configuration;
  private final Path path;

  private Folder(SerializableConfiguration configuration, Path path) {
    this.configuration = configuration;
    this.path = path;
  }

  /**
   * The folder at a path or URI, which need not exist yet. A path without a scheme is on the
   * configuration's default filesystem; a relative one starts from the working folder of the JVM
   * that calls this.
   *
   * @throws ConfigurationFailure where the path is none
   * @throws EnvironmentFailure where its filesystem is unknown, or its client does not fit Spark's,
   *     or it is local and its name is not in this process's encoding
   */
  public static Folder of(String path, Configuration configuration) {
    Path parsed;
    try {
      parsed = new Path(path);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationFailure(
          ("'%s' is no path of a folder: %s. Give a path or a URI such as file:///data/run or"
                  + " s3a://bucket/run.")
              .formatted(path, e.getMessage()),
          e);
    }
    StoreClient.check(parsed.toUri(), configuration);
    Path qualified;
    try {
      qualified = parsed.getFileSystem(configuration).makeQualified(parsed);
    } catch (IOException | RuntimeException e) {
      // Hadoop reports a class that is missing, and some addresses, as runtime exceptions.
      throw new EnvironmentFailure(
          ("The filesystem of %s cannot be used: %s. Check the scheme and host, and that the Spark"
                  + " home has the jars for that scheme.")
              .formatted(path, Reason.of(e)),
          e);
    }
    LocationText.checkEncodable(qualified.toUri());
    return new Folder(new SerializableConfiguration(configuration), qualified);
  }

  /**
   * Where a path is on an object store, asks it whether there is something, so that a store that is
   * away or refuses is told at once.
   *
   * @throws EnvironmentFailure where that cannot be found out, within seconds
   */
  public static void checkStore(String path, Configuration configuration) {
    int scheme = path.indexOf("://");
    if (scheme > 0 && Placement.isObjectStore(path.substring(0, scheme))) {
      of(path, configuration).checkReachable();
    }
  }

  /** The folder of that name in this one. */
  public Folder child(String name) {
    return new Folder(configuration, resolve(name));
  }

  /**
   * Writes an object, in place of one that is there.
   *
   * @throws EnvironmentFailure where it cannot be written; what was there before is then unchanged
   */
  public void write(String name, byte[] bytes) {
    var target = resolve(name);
    try {
      placement().replace(target, bytes);
    } catch (IOException e) {
      throw notWritten(target, e);
    }
  }

  /**
   * Writes objects as {@link #write} does, several at once, since each waits for its store.
   *
   * @throws EnvironmentFailure where one cannot be written; others may be there then
   */
  public void writeAll(Map<String, byte[]> objects) {
    var writers = Executors.newFixedThreadPool(Math.min(WRITERS, Math.max(1, objects.size())));
    try {
      var writes = new ArrayList<Future<?>>();
      objects.forEach((name, bytes) -> writes.add(writers.submit(() -> write(name, bytes))));
      for (var write : writes) {
        write.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentFailure("Writing into %s was interrupted.".formatted(path), e);
    } finally {
      writers.shutdownNow();
    }
  }

  /**
   * Writes an object unless there is one of that name. Of several rivals at most one is told {@code
   * true} (none, where the answer to it was lost); on an object store this holds as far as {@link
   * SinglePut} says.
   *
   * @return whether this call made the object
   * @throws EnvironmentFailure where it cannot be written
   */
  public boolean createIfAbsent(String name, byte[] bytes) {
    var target = resolve(name);
    try {
      return placement().createIfAbsent(target, bytes);
    } catch (IOException e) {
      throw notWritten(target, e);
    }
  }

  /**
   * Reads a whole object.
   *
   * @param maxBytes the most that such an object can have
   * @throws DataFailure where it is missing, a folder, or larger
   * @throws EnvironmentFailure where its filesystem fails or refuses: that says nothing of the
   *     object
   */
  public byte[] read(String name, int maxBytes) {
    var source = resolve(name);
    try (var in = fileSystem().open(source)) {
      var bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw new DataFailure(
            ("%s is larger than the %d bytes that such a file can have: it is damaged, or no file"
                    + " of this program.")
                .formatted(source, maxBytes));
      }
      return bytes;
    } catch (FileNotFoundException e) {
      throw notOpened(source, e);
    } catch (IOException e) {
      throw notReadable(source, e);
    }
  }

  /** The local filesystem says that a file is not found if it may not be read, too. */
  private Failure notOpened(Path source, FileNotFoundException e) {
    try {
      if (!LocalFiles.isThere(fileSystem(), source)) {
        return new DataFailure(
            "%s does not exist. Check the path, and that the run which writes it ended well."
                .formatted(source),
            e);
      }
      if (fileSystem().getFileStatus(source).isDirectory()) {
        return new DataFailure("%s cannot be read: it is a folder.".formatted(source), e);
      }
      return new EnvironmentFailure(
          "%s cannot be read: %s. Let user '%s' read it."
              .formatted(source, Reason.of(e), System.getProperty("user.name")),
          e);
    } catch (IOException unknown) {
      return notReadable(source, unknown);
    }
  }

  /**
   * Whether there is an object or a folder of that name.
   *
   * @throws EnvironmentFailure where the filesystem does not say
   */
  public boolean exists(String name) {
    var source = resolve(name);
    try {
      return LocalFiles.isThere(fileSystem(), source);
    } catch (IOException e) {
      throw notReadable(source, e);
    }
  }

  /**
   * The names of the objects and folders directly in this folder, sorted; none where the folder
   * does not exist.
   *
   * @throws EnvironmentFailure where it cannot be listed
   */
  public List<String> list() {
    try {
      return LocalFiles.names(fileSystem(), path).stream()
          .filter(name -> !name.startsWith("."))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw notReadable(path, e);
    }
  }

  /**
   * The names of the objects directly in this folder that are not empty; none if the folder does
   * not exist.
   *
   * @throws EnvironmentFailure if it cannot be listed
   */
  public Set<String> withContent() {
    try {
      return Arrays.stream(fileSystem().listStatus(path))
          .filter(status -> status.isFile() && status.getLen() > 0)
          .map(status -> status.getPath().getName())
          .collect(Collectors.toSet());
    } catch (FileNotFoundException e) {
      return Set.of();
    } catch (IOException e) {
      throw notReadable(path, e);
    }
  }

  /**
   * Removes an object, or a folder with all that is in it; where there is none, nothing happens.
   *
   * @throws EnvironmentFailure where it cannot be removed
   */
  public void delete(String name) {
    var target = resolve(name);
    try {
      // Local files that cannot be removed are told by the result alone.
      if (!fileSystem().delete(target, true) && fileSystem().exists(target)) {
        throw new IOException("the file system refuses it");
      }
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "%s cannot be removed: %s. Let user '%s' remove files there."
              .formatted(target, Reason.of(e), System.getProperty("user.name")),
          e);
    }
  }

  /**
   * Makes the folder, and tries in it what a run does: writes probes, reads them back, creates one
   * as a rival of another, and deletes them.
   *
   * @return whether the filesystem creates an object only if there is none, so that of two runs
   *     that begin at the same time one is refused
   * @throws EnvironmentFailure if this folder cannot be written to, or gives back other bytes than
   *     it was given, within seconds
   */
  public boolean checkWritable() {
    var exclusive = new AtomicBoolean();
    check(
        "written to",
        mend(path) + ", or give another folder",
        fileSystem -> exclusive.set(probe(fileSystem)));
    return exclusive.get();
  }

  private boolean probe(FileSystem fileSystem) throws IOException {
    var placement = Placement.on(fileSystem, configuration.value());
    var probe = new Path(path, ".probe-" + UUID.randomUUID());
    var rival = new Path(path, ".probe-" + UUID.randomUUID());
    var bytes = new byte[PROBE_BYTES];
    new Random().nextBytes(bytes);
    placement.replace(probe, bytes);
    try {
      checkSame(bytes, fileSystem, probe);
      return placement.isExclusive(rival);
    } finally {
      fileSystem.delete(probe, false);
      fileSystem.delete(rival, false);
    }
  }

  private static void checkSame(byte[] written, FileSystem fileSystem, Path probe)
      throws IOException {
    try (var in = fileSystem.open(probe)) {
      var found = in.readAllBytes();
      if (!Arrays.equals(found, written)) {
        throw new IOException(
            "it changes what it is given: %d bytes were written, and %d other bytes read back. Use a store that keeps objects as they are"
                .formatted(written.length, found.length));
      }
    }
  }

  /**
   * Asks whether the folder is there, so that a store that is away or denies it is told at once.
   *
   * @throws EnvironmentFailure where that cannot be found out, within seconds
   */
  public void checkReachable() {
    check("read", "Give its right path", fileSystem -> fileSystem.exists(path));
  }

  private void check(String what, String mend, ImpatientStore.Question question) {
    try {
      new ImpatientStore(path.toUri(), configuration.value()).ask(question);
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "%s cannot be %s: %s. %s.".formatted(path, what, Reason.of(e), mend), e);
    }
  }

  /**
   * The bytes for which the folder's filesystem has room, as far as it tells: {@link
   * Long#MAX_VALUE} where it does not, as object stores do not.
   *
   * @throws EnvironmentFailure where it cannot be asked
   */
  public long space() {
    try {
      var existing = path;
      while (!existing.isRoot() && !fileSystem().exists(existing)) {
        existing = existing.getParent();
      }
      var status = fileSystem().getStatus(existing);
      return status.getCapacity() > 0 ? status.getRemaining() : Long.MAX_VALUE;
    } catch (IOException e) {
      throw notReadable(path, e);
    }
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

  private Path resolve(String name) {
    var resolved = new Path(path, name);
    if (resolved.getName().startsWith(".")) {
      throw new IllegalArgumentException(
          "Names with a dot first are kept for temporary files: " + name);
    }
    return resolved;
  }

  private Placement placement() throws IOException {
    LocationText.checkEncodable(path.toUri());
    return Placement.on(path.getFileSystem(configuration.value()), configuration.value());
  }

  private FileSystem fileSystem() throws IOException {
    LocationText.checkEncodable(path.toUri());
    return LocalFiles.unchecked(path, configuration.value());
  }

  private static EnvironmentFailure notWritten(Path target, IOException e) {
    return new EnvironmentFailure(
        "%s cannot be written: %s. %s.".formatted(target, Reason.of(e), mend(target)), e);
  }

  private static String mend(Path target) {
    return Placement.isObjectStore(target.toUri().getScheme())
        ? "See conf/object-storage.properties, and the credentials in the environment"
        : "See that there is space, and that user '%s' may write there"
            .formatted(System.getProperty("user.name"));
  }

  private static EnvironmentFailure notReadable(Path source, IOException e) {
    return new EnvironmentFailure("%s cannot be read: %s.".formatted(source, Reason.of(e)), e);
  }
}
