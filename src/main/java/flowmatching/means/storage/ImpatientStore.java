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
 * A filesystem that gives up at once. The clients of object stores ask again for minutes where an
 * address or a key is wrong: right in a run, and wrong in the check before it.
 */
record ImpatientStore(URI uri, Configuration configuration) {
  private static final int BOUND_S = 8;

  /** What the clients of stores call it; each knows its own. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fs.s3a.attempts.maximum", "1",
          "fs.s3a.retry.limit", "0",
          "fs.s3a.retry.throttle.limit", "0",
          "fs.azure.io.retry.max.retries", "0",
          "fs.gs.http.max.retry", "1",
          "ipc.client.connect.max.retries", "1");

  /** Something that a filesystem is asked or told. */
  @FunctionalInterface
  interface Question {
    void ask(FileSystem fileSystem) throws IOException;
  }

  /**
   * Asks once.
   *
   * @throws IOException as the filesystem does, or where it does not answer
   * @throws Failure as the question does
   */
  void ask(Question question) throws IOException {
    var answer =
        new FutureTask<Void>(
            () -> {
              var impatient = new Configuration(configuration);
              SETTINGS.forEach(impatient::set);
              try (var fileSystem = FileSystem.newInstance(uri, impatient)) {
                question.ask(fileSystem);
              }
              return null;
            });
    var thread = new Thread(answer, "storage-check");
    // What does not answer must not keep the process.
    thread.setDaemon(true);
    thread.start();
    try {
      answer.get(BOUND_S, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // Without it as the cause, since a cause is what a reason is taken from.
      throw new IOException(
          "no answer came within %d s: check that its address can be reached from here"
              .formatted(BOUND_S));
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
