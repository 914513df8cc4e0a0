package flowmatching.means.storage;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** How a file is written whole or not at all. */
interface Placement {
  /** Stores where a rename copies and deletes, and an upload is visible once it is complete. */
  Set<String> WHOLE_UPLOADS = Set.of("s3a", "s3", "s3n", "gs", "oss", "cosn", "obs");

  /**
   * Azure's schemes, where an upload is visible from its first byte, and a file is deleted before
   * it is replaced.
   */
  Set<String> PARTIAL_UPLOADS = Set.of("abfs", "abfss", "wasb", "wasbs");

  /** Whether a scheme is an object store's, with an endpoint and credentials of its own. */
  static boolean isObjectStore(String scheme) {
    return WHOLE_UPLOADS.contains(scheme) || PARTIAL_UPLOADS.contains(scheme);
  }

  /** Writes the file, replacing one that exists. */
  void replace(Path target, byte[] bytes) throws IOException;

  /** Writes the file and returns true, or returns false if it exists. */
  boolean createIfAbsent(Path target, byte[] bytes) throws IOException;

  /**
   * Tries whether only one of two concurrent callers creates a file.
   *
   * @param free a name that is not taken; afterwards a file has it
   */
  default boolean isExclusive(Path free) throws IOException {
    return createIfAbsent(free, new byte[] {1}) && !createIfAbsent(free, new byte[] {2});
  }

  /**
   * Chooses by the scheme. A scheme that is neither {@code file} nor in {@link #WHOLE_UPLOADS} is
   * taken for a file system with atomic renames, such as {@code hdfs}.
   */
  static Placement on(FileSystem fileSystem, Configuration configuration) throws IOException {
    URI uri = fileSystem.getUri();
    if (uri.getScheme().equals("file")) {
      return new LocalRename();
    }
    if (WHOLE_UPLOADS.contains(uri.getScheme())) {
      return new SinglePut(fileSystem);
    }
    return new FileContextRename(FileContext.getFileContext(uri, configuration));
  }

  /** How to make a path writable, for messages. */
  static String fix(Path target) {
    return isObjectStore(target.toUri().getScheme())
        ? "Check conf/object-storage.properties, and the credentials in the environment"
        : "Check that there is space, and that user '%s' may write there"
            .formatted(System.getProperty("user.name"));
  }

  /** A unique name beside the target that {@link Folder} does not list. */
  static Path temporary(Path target) {
    return new Path(
        target.getParent(), ".%s.%s.tmp".formatted(target.getName(), UUID.randomUUID()));
  }
}
