package flowmatching.means.storage;

import flowmatching.base.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * A file system without retries. Clients of object stores retry for minutes if an address or a key
 * is wrong: right in a run, but not in the check before it.
 */
record FailFastFileSystem(URI uri, Configuration configuration) {
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

  @FunctionalInterface
  interface Question<T> {
    T ask(FileSystem fileSystem) throws IOException;
  }

  /**
   * Asks a new client of the file system, which is closed afterwards.
   *
   * @throws IOException as the question does, or if there is no answer within {@value #TIMEOUT_S} s
   * @throws Failure as the question does
   */
  <T> T ask(Question<T> question) throws IOException {
    var answer =
        new FutureTask<>(
            () -> {
              var withoutRetries = new Configuration(configuration);
              NO_RETRIES.forEach(withoutRetries::set);
              try (var fileSystem = FileSystem.newInstance(uri, withoutRetries)) {
                return question.ask(fileSystem);
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
}
