package flowmatching.unet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
  public static final int PIECE_IMAGES = 64;

  private static final int END_S = 10;

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
    long images() {
      return to - from;
    }

    /** One of so many parts, as far as they can be equal. */
    Piece equalPart(long number, long parts) {
      return new Piece(from + images() * number / parts, from + images() * (number + 1) / parts);
    }

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
    others.forEach(other -> results.add(result(other)));
    return results;
  }

  /** Throws what the thread has thrown. */
  private static <R> R result(CompletableFuture<R> other) {
    try {
      return other.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private <R> R compute(Part<R> part, long images, int thread, int threads) {
    Piece all = new Piece(0, images).equalPart(thread, threads);
    long count = (all.images() + PIECE_IMAGES - 1) / PIECE_IMAGES;
    return part.compute(
        copies.get(thread),
        LongStream.range(0, count).mapToObj(i -> all.equalPart(i, count)).toList());
  }

  /** Ends the threads and frees the copies, the network itself aside. */
  @Override
  public void close() {
    otherThreads.shutdown();
    try {
      // They have no work, and free their workspaces as they end.
      otherThreads.awaitTermination(END_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    copies.stream()
        .skip(1)
        .map(ComputationGraph::getFlattenedGradients)
        .filter(Objects::nonNull)
        .forEach(INDArray::close);
  }
}
