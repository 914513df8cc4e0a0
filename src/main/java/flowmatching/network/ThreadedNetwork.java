package flowmatching.network;

import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * A network that computes with several threads. Each thread has a copy of the network over the same
 * parameters and computes its share of the images in pieces. A whole minibatch at once would not
 * fit the processor's caches and would need memory in proportion to it; threads within each
 * operation would wait for each other hundreds of times per pass.
 *
 * <p>Results depend on the number of threads in their last bits: gradients are summed per piece,
 * then per thread, in a fixed order. Like every network it is used by one caller at a time.
 */
public final class ThreadedNetwork implements Network {
  private static final int END_S = 10;

  /** The first is the network itself, for the calling thread. */
  private final List<Network> copies = new ArrayList<>();

  private final ExecutorService otherThreads;

  private final int pieceImages;

  /**
   * Starts no thread before the first pass.
   *
   * @param network is closed with this one
   * @param threads at least 1, including the calling thread
   * @param pieceImages the largest number of images that a thread computes at once
   * @param threadEnd runs in each of the other threads before it ends
   */
  public ThreadedNetwork(Network network, int threads, int pieceImages, Runnable threadEnd) {
    this.pieceImages = pieceImages;
    copies.add(network);
    for (int thread = 1; thread < threads; thread++) {
      copies.add(network.copy());
    }
    otherThreads =
        Executors.newFixedThreadPool(Math.max(1, threads - 1), work -> thread(work, threadEnd));
  }

  private static Thread thread(Runnable work, Runnable end) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } finally {
                end.run();
              }
            },
            "network-copy");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public TensorLayout layout() {
    return copies.get(0).layout();
  }

  @Override
  public float[] parameters() {
    return copies.get(0).parameters();
  }

  @Override
  public void assign(float[] parameters) {
    copies.get(0).assign(parameters);
  }

  @Override
  public ImageBatch velocity(ImageBatch images, List<Condition> conditions) {
    ImageBatch velocity = ImageBatch.zeros(images.shape(), images.images());
    share(
        images.images(),
        (copy, pieces) -> {
          for (Piece piece : pieces) {
            ImageBatch part =
                copy.velocity(
                    images.slice(piece.from(), piece.to()),
                    conditions.stream()
                        .map(condition -> condition.slice(piece.from(), piece.to()))
                        .toList());
            System.arraycopy(
                part.values(),
                0,
                velocity.values(),
                piece.from() * images.shape().values(),
                part.values().length);
          }
          return velocity;
        });
    return velocity;
  }

  @Override
  public double gradient(Minibatch minibatch, float[] gradient) {
    List<Sum> sums =
        share(
            minibatch.images(),
            (copy, pieces) ->
                sum(
                    copy,
                    minibatch,
                    pieces,
                    pieces.get(0).from() == 0 ? gradient : new float[gradient.length]));
    double losses = sums.get(0).losses();
    for (Sum sum : sums.subList(1, sums.size())) {
      losses += sum.losses();
      add(sum.gradient(), gradient);
    }
    return losses;
  }

  /** The sums over the images of a thread. */
  // Instances are never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Sum(double losses, float[] gradient) {}

  private static Sum sum(Network copy, Minibatch minibatch, List<Piece> pieces, float[] sum) {
    double losses = copy.gradient(pieces.get(0).of(minibatch), sum);
    float[] ofPiece = pieces.size() > 1 ? new float[sum.length] : sum;
    for (Piece piece : pieces.subList(1, pieces.size())) {
      losses += copy.gradient(piece.of(minibatch), ofPiece);
      add(ofPiece, sum);
    }
    return new Sum(losses, sum);
  }

  private static void add(float[] values, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }

  /** Images {@code [from, to)} of a minibatch. */
  record Piece(int from, int to) {
    int images() {
      return to - from;
    }

    /** Part {@code number} of {@code parts} parts whose sizes differ by at most one. */
    Piece equalPart(long number, long parts) {
      return new Piece(
          from + (int) (images() * number / parts), from + (int) (images() * (number + 1) / parts));
    }

    private Minibatch of(Minibatch minibatch) {
      return images() == minibatch.images() ? minibatch : minibatch.slice(from, to);
    }
  }

  /**
   * Splits images between the threads and waits for all of them.
   *
   * @param part a thread's work on its pieces, with its copy of the network
   * @return the result of each thread with images, in the order of the images
   */
  <R> List<R> share(int images, BiFunction<Network, List<Piece>, R> part) {
    int threads = Math.min(images, copies.size());
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
      // The caller may free memory that the other threads still use.
      CompletableFuture.allOf(others.toArray(CompletableFuture[]::new))
          .exceptionally(failure -> null)
          .join();
    }
    others.forEach(other -> results.add(result(other)));
    return results;
  }

  /** The thread's result, or its exception. */
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

  private <R> R compute(
      BiFunction<Network, List<Piece>, R> part, int images, int thread, int threads) {
    Piece all = new Piece(0, images).equalPart(thread, threads);
    int count = (all.images() + pieceImages - 1) / pieceImages;
    return part.apply(
        copies.get(thread),
        IntStream.range(0, count).mapToObj(i -> all.equalPart(i, count)).toList());
  }

  @Override
  public Network copy() {
    return copies.get(0).copy();
  }

  /** Ends the threads and closes the network and its copies. */
  @Override
  public void close() {
    otherThreads.shutdown();
    try {
      // They have no work, but free their memory as they end.
      otherThreads.awaitTermination(END_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (int i = copies.size() - 1; i >= 0; i--) {
      copies.get(i).close();
    }
  }
}
