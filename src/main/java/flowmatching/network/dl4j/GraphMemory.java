package flowmatching.network.dl4j;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Frees what a graph has outside of Java's heap. {@link ComputationGraph#close} also collects the
 * garbage of the whole JVM, twice.
 */
final class GraphMemory {
  private GraphMemory() {}

  /** Frees the parameters and the gradients. */
  static void free(ComputationGraph graph) {
    free(graph.params());
    freeGradients(graph);
  }

  /** Frees the gradients of a graph whose parameters belong to another one. */
  static void freeGradients(ComputationGraph graph) {
    free(graph.getFlattenedGradients());
  }

  /** There are no gradients before the first backward pass. */
  private static void free(INDArray values) {
    if (values != null && values.closeable()) {
      values.close();
    }
  }
}
