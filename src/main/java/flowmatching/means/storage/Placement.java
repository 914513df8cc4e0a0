package flowmatching.means.storage;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** How an object comes to stand under its name, whole or not at all. */
sealed interface Placement permits LocalRename, FileContextRename, SinglePut {
  /**
   * Stores where a rename is a copy and a deletion, and an upload is visible when it is complete.
   */
  Set<String> WHOLE_UPLOADS = Set.of("s3a", "s3", "s3n", "gs", "oss", "cosn", "obs");

  /**
   * Azure's, where an upload is visible from its first byte. A file that is replaced there is
   * deleted first.
   */
  Set<String> PARTIAL_UPLOADS = Set.of("abfs", "abfss", "wasb", "wasbs");

  /** Whether a scheme is of an object store, whose address and credentials are set elsewhere. */
  static boolean isObjectStore(String scheme) {
    return WHOLE_UPLOADS.contains(scheme) || PARTIAL_UPLOADS.contains(scheme);
  }

  /** Puts the bytes under the target's name, in place of what is there. */
  void replace(Path target, byte[] bytes) throws IOException;

  /**
   * Puts the bytes under the target's name and says true, or says false where there is something.
   */
  boolean createIfAbsent(Path target, byte[] bytes) throws IOException;

  /**
   * Tries whether only one of two rivals creates an object.
   *
   * @param free a name that nothing has; afterwards there is an object
   */
  default boolean isExclusive(Path free) throws IOException {
    return createIfAbsent(free, new byte[] {1}) && !createIfAbsent(free, new byte[] {2});
  }

  /**
   * The way for a filesystem, by its scheme: this is the one place that decides. A scheme that is
   * neither {@code file} nor a store of whole uploads is held to be a filesystem with an atomic
   * rename, as {@code hdfs} is.
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

  /** A name beside the target that no other writer uses and that {@link Folder} does not list. */
  static Path temporary(Path target) {
    return new Path(
        target.getParent(), ".%s.%s.tmp".formatted(target.getName(), UUID.randomUUID()));
  }
}
