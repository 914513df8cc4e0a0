package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.nd4j.linalg.factory.Nd4j;

/** Loads ND4J in a thread that ends at once, because ND4J ties settings to its first thread. */
final class Nd4jStart {
  private Nd4jStart() {}

  /**
   * Loads the backend of the class path.
   *
   * @param remedy a sentence for the message of a failure
   * @throws EnvironmentFailure if the backend cannot be loaded
   */
  static void load(String remedy) {
    try {
      CompletableFuture.runAsync(Nd4j::getBackend, task -> new Thread(task, "nd4j-start").start())
          .join();
    } catch (CompletionException e) {
      throw new EnvironmentFailure(
          "ND4J's native library cannot be loaded: %s. %s".formatted(rootCause(e), remedy), e);
    }
  }

  private static Throwable rootCause(Throwable thrown) {
    return thrown.getCause() == null ? thrown : rootCause(thrown.getCause());
  }
}
