package flowmatching.unet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A network for several threads: each has a copy, over the same parameters, and computes a part of
 * the images, a piece after the other. A minibatch as a whole would leave the processor's caches
 * and need memory in proportion; threads within each operation would wait for each other hundreds
 * of times a pass.
 */
public final class NetworkCopies implements AutoCloseable {
  /** The most images that a thread computes at once. */
  public static final int PIECE = 64;

  /** The first is the network itself, for the thread that calls. */
  private final List<ComputationGraph> copies = new ArrayList<>();

  private final ExecutorService otherThreads;

  /** Copies for so many threads, the calling one included. */
  public NetworkCopies(ComputationGraph network, int threads) {
    copies.add(network);
    for (int thread = 1; thread < threads; thread++) {
      ComputationGraph copy = new ComputationGraph(network.getConfiguration().clone());
      copy.init(network.params(), false);
      copies.add(copy);
    }
    otherThreads = Executors.newFixedThreadPool(Math.max(1, threads - 1), NetworkCopies::thread);
  }

  private static Thread thread(Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } finally {
                Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
              }
            },
            "network-copy");
    thread.setDaemon(true);
    return thread;
  }

  ComputationGraph network() {
    return copies.get(0);
  }

  /** Images of a minibatch, from one, inclusive, to another, exclusive. */
  record Piece(long from, long to) {
    /** These images of {@code [N, ...]}: a view. */
    INDArray of(INDArray images) {
      INDArrayIndex[] indices = new INDArrayIndex[images.rank()];
      Arrays.fill(indices, NDArrayIndex.all());
      indices[0] = NDArrayIndex.interval(from, to);
      return images.get(indices);
    }
  }

  /** What a thread does with its pieces. */
  @FunctionalInterface
  interface Part<R> {
    R compute(ComputationGraph copy, List<Piece> pieces);
  }

  /**
   * Shares out so many images, and waits for all threads.
   *
   * @return what each thread gave that had a piece, in the order of their pieces
   */
  <R> List<R> share(long images, Part<R> part) {
    int threads = (int) Math.min(images, copies.size());
    List<CompletableFuture<R>> others =
        IntStream.range(1, threads)
            .mapToObj(
                thread ->
                    CompletableFuture.supplyAsync(
                        () -> compute(part, images, thread, threads), otherThreads))
            .toList();
    List<R> results = new ArrayList<>();
    try {
      results.add(compute(part, images, 0, threads));
    } finally {
      // Where one fails, none may go on with memory that is freed then.
      CompletableFuture.allOf(others.toArray(CompletableFuture[]::new))
          .exceptionally(failure -> null)
          .join();
    }
    others.forEach(other -> results.add(other.join()));
    return results;
  }

  private <R> R compute(Part<R> part, long images, int thread, int threads) {
    long end = images * (thread + 1) / threads;
    List<Piece> pieces = new ArrayList<>();
    for (long from = images * thread / threads; from < end; from += PIECE) {
      pieces.add(new Piece(from, Math.min(from + PIECE, end)));
    }
    return part.compute(copies.get(thread), pieces);
  }

  /** Ends the threads and frees the copies, the network itself aside. */
  @Override
  public void close() {
    otherThreads.shutdown();
    copies.stream()
        .skip(1)
        .map(ComputationGraph::getFlattenedGradients)
        .filter(Objects::nonNull)
        .forEach(INDArray::close);
  }
}
