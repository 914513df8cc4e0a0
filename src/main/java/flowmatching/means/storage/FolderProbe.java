package flowmatching.means.storage;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;

/**
 * Tries a folder before a run, for {@link Folder}, without the retries of the run: clients of
 * object stores retry for minutes if an address or a key is wrong.
 */
record FolderProbe(Path folder, Configuration configuration) {
  /** Small, so that a disk without space for a checkpoint fails the check for that instead. */
  private static final int PROBE_BYTES = 256;

  private static final int TIMEOUT_S = 8;

  /** Each client has its own names. */
  private static final Map<String, String> NO_RETRIES =
      Map.of(
          "fs.s3a.attempts.maximum", "1",
          "fs.s3a.retry.limit", "0",
          "fs.s3a.retry.throttle.limit", "0",
          "fs.azure.io.retry.max.retries", "0",
          "fs.gs.http.max.retry", "1",
          "ipc.client.connect.max.retries", "1");

  boolean checkWritable(String... subFolders) {
    boolean exclusive = ask("written to", fix("folder"), this::isExclusive);
    for (var name : subFolders) {
      var subFolder = new FolderProbe(Folder.resolve(folder, name), configuration);
      subFolder.ask("written to", fix("output folder"), subFolder::isAbsentOrWritten);
    }
    return exclusive;
  }

  private String fix(String other) {
    return "%s, or give another %s".formatted(Placement.fix(folder), other);
  }

  void checkReachable() {
    ask("read", "Check the path", fileSystem -> fileSystem.exists(folder));
  }

  private <T> T ask(String action, String fix, FunctionRaisingIOE<FileSystem, T> question) {
    try {
      return withoutRetries(question);
    } catch (IOException e) {
      throw new EnvironmentFailure(
          "%s cannot be %s: %s. %s.".formatted(folder, action, Reason.of(e), fix), e);
    }
  }

  /**
   * Asks a new client of the file system, which is closed afterwards.
   *
   * @throws IOException as the question does, or if there is no answer within {@value #TIMEOUT_S} s
   * @throws Failure as the question does
   */
  <T> T withoutRetries(FunctionRaisingIOE<FileSystem, T> question) throws IOException {
    var answer =
        new FutureTask<>(
            () -> {
              var withoutRetries = new Configuration(configuration);
              NO_RETRIES.forEach(withoutRetries::set);
              try (var fileSystem = FileSystem.newInstance(folder.toUri(), withoutRetries)) {
                return question.apply(fileSystem);
              }
            });
    var thread = new Thread(answer, "storage-check");
    // A client that hangs must not keep the process alive.
    thread.setDaemon(true);
    thread.start();
    try {
      return answer.get(TIMEOUT_S, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // Without a cause: Reason takes its words from the last one.
      throw new IOException(
          "no answer within %d s: check that its address can be reached from here"
              .formatted(TIMEOUT_S));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the wait for an answer was interrupted");
    }
  }

  private boolean isAbsentOrWritten(FileSystem fileSystem) throws IOException {
    if (!fileSystem.exists(folder)) {
      return true;
    }
    var probe = free();
    Placement.on(fileSystem, configuration).replace(probe, new byte[PROBE_BYTES]);
    return fileSystem.delete(probe, false);
  }

  private Path free() {
    return new Path(folder, ".probe-" + UUID.randomUUID());
  }

  private boolean isExclusive(FileSystem fileSystem) throws IOException {
    var placement = Placement.on(fileSystem, configuration);
    var probe = free();
    var rival = free();
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
            "it changes what is written: %d bytes were written, and %d different bytes read back. Use a store that keeps objects unchanged"
                .formatted(written.length, found.length));
      }
    }
  }
}
