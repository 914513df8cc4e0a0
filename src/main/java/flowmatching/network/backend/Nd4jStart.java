package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Loads ND4J, in a thread that ends at once: some of its settings are of the first that uses it.
 */
final class Nd4jStart {
  private Nd4jStart() {}

  /**
   * Loads the backend of the class path.
   *
   * @param remedy a sentence, for where that fails
   * @throws EnvironmentFailure where it fails
   */
  static void load(String remedy) {
    try {
      CompletableFuture.runAsync(Nd4j::getBackend, task -> new Thread(task, "nd4j-start").start())
          .join();
    } catch (CompletionException e) {
      throw new EnvironmentFailure(
          "ND4J's native library cannot be loaded: %s. %s".formatted(innermost(e), remedy), e);
    }
  }

  private static Throwable innermost(Throwable thrown) {
    return thrown.getCause() == null ? thrown : innermost(thrown.getCause());
  }
}
