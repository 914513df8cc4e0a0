package flowmatching.means.storage;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes and deletes files of a folder, for {@link Folder}. */
record FolderWriter(Path folder, Configuration configuration) {
  /** Each waits for its store; S3A has many more connections. */
  private static final int MAX_THREADS = 16;

  void write(String name, byte[] bytes) {
    var target = Folder.resolve(folder, name);
    try {
      placement().replace(target, bytes);
    } catch (IOException e) {
      throw notWritten(target, e);
    }
  }

  void writeAll(Map<String, byte[]> files) {
    var threads = Executors.newFixedThreadPool(Math.max(1, Math.min(files.size(), MAX_THREADS)));
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
      throw new EnvironmentFailure("Writing to %s was interrupted.".formatted(folder), e);
    } finally {
      threads.shutdownNow();
    }
  }

  boolean createIfAbsent(String name, byte[] bytes) {
    var target = Folder.resolve(folder, name);
    try {
      return placement().createIfAbsent(target, bytes);
    } catch (IOException e) {
      throw notWritten(target, e);
    }
  }

  void delete(String name) {
    var target = Folder.resolve(folder, name);
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

  private Placement placement() throws IOException {
    return Placement.on(fileSystem(), configuration);
  }

  private FileSystem fileSystem() throws IOException {
    return Folder.fileSystem(folder, configuration);
  }

  private static EnvironmentFailure notWritten(Path target, IOException e) {
    return new EnvironmentFailure(
        "%s cannot be written: %s. %s.".formatted(target, Reason.of(e), fix(target)), e);
  }

  /** How to make a path writable, for messages. */
  static String fix(Path target) {
    return Placement.isObjectStore(target.toUri().getScheme())
        ? "Check conf/object-storage.properties, and the credentials in the environment"
        : "Check that there is space, and that user '%s' may write there"
            .formatted(System.getProperty("user.name"));
  }
}
