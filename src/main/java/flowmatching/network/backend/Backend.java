package flowmatching.network.backend;

import flowmatching.base.failure.EnvironmentFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's backends. Each jar of this program has one. */
enum Backend {
  CPU("org.nd4j.linalg.cpu.nativecpu.CpuBackend"),
  CUDA("org.nd4j.linalg.jcublas.JCublasBackend");

  /** The service file in which ND4J looks for its backends. */
  static final String SERVICE = "META-INF/services/org.nd4j.linalg.factory.Nd4jBackend";

  private static final String JARS =
      "flow-matching.jar for processors, flow-matching-cuda.jar or flow-matching-cuda-ptx.jar for"
          + " GPUs";

  private final String provider;

  Backend(String provider) {
    this.provider = provider;
  }

  /**
   * The backend of this program's class path.
   *
   * @throws EnvironmentFailure if there is none, or several: ND4J would take the one with the
   *     highest priority
   */
  static Backend ofThisProcess() {
    return of(Backend.class.getClassLoader());
  }

  static Backend of(ClassLoader loader) {
    Map<String, URL> providers = new TreeMap<>();
    try {
      for (URL file : Collections.list(loader.getResources(SERVICE))) {
        lines(file).forEach(provider -> providers.put(provider, file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The class path cannot be read", e);
    }
    if (providers.size() != 1) {
      throw new EnvironmentFailure(
          "The class path has %s, and needs exactly one: run with one jar of this program alone (%s), and remove others from --jars, spark.driver.extraClassPath, spark.executor.extraClassPath and the jars folder of the Spark home."
              .formatted(
                  providers.isEmpty()
                      ? "no backend of ND4J"
                      : "%d backends of ND4J (%s)"
                          .formatted(
                              providers.size(),
                              providers.entrySet().stream()
                                  .map(entry -> entry.getKey() + " in " + entry.getValue())
                                  .collect(Collectors.joining(", "))),
                  JARS));
    }
    String provider = providers.keySet().iterator().next();
    return Arrays.stream(values())
        .filter(backend -> backend.provider.equals(provider))
        .findFirst()
        .orElseThrow(
            () ->
                new EnvironmentFailure(
                    "ND4J's backend on the class path is %s, which this program does not know: run with one of its own jars (%s)."
                        .formatted(provider, JARS)));
  }

  /**
   * Loads the backend of the class path, in a thread that ends at once, because ND4J ties settings
   * to its first thread.
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
          "ND4J's native library cannot be loaded: %s. %s"
              .formatted(ExceptionUtils.getRootCause(e), remedy),
          e);
    }
  }

  private static List<String> lines(URL file) throws IOException {
    try (var in = file.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    }
  }
}
