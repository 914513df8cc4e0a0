package flowmatching.tools;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ModelSettings;
import flowmatching.base.settings.Precision;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.Objective;
import flowmatching.flow.Objective.Draws;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.network.Network;
import flowmatching.network.backend.Library;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.ThreadMemory;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.onednn.Profile;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;

/**
 * The speed of independent replicas that run at the same time in this process, with the code of
 * training and sampling.
 *
 * @param precision of the network
 * @param threads per replica
 * @param batch images per step and replica
 * @param steps to measure; their median counts
 */
public record ReplicaBenchmark(
    ModelSettings model, Precision precision, int threads, int batch, int steps, int replicas) {
  /** Enough for the JVM to compile the hot code. */
  private static final int WARM_UP_STEPS = 12;

  private static final Draws DRAWS = new Draws(1, Purpose.TRAINING_NOISE, Purpose.TRAINING_TIME, 0);

  /**
   * Images per second, summed over the replicas.
   *
   * @param train of whole training steps: minibatch, forward, backward, Adam
   * @param forward of evaluations of the velocity
   */
  public record Rates(double train, double forward) {
    private Rates plus(Rates other) {
      return new Rates(train + other.train, forward + other.forward);
    }
  }

  /**
   * What the replicas achieve, and what they could at most.
   *
   * @param limit with the network's convolutions and products with weights alone, in the same
   *     pieces of a batch, measured per replica with one thread; zero on a GPU
   * @param byKind milliseconds per image and thread of a training step, per kind of layer; empty on
   *     a GPU
   */
  public record Result(Rates rates, Rates limit, Map<String, Double> byKind) {
    private Result plus(Result other) {
      Map<String, Double> sum = new TreeMap<>(byKind);
      other.byKind.forEach((kind, seconds) -> sum.merge(kind, seconds, Double::sum));
      return new Result(rates.plus(other.rates), limit.plus(other.limit), sum);
    }
  }

  public Result run() {
    NumericIdentity numerics = NumericIdentity.useBest(precision);
    ExecutorService pool = Executors.newFixedThreadPool(replicas);
    try {
      CyclicBarrier together = new CyclicBarrier(replicas);
      ExecutorCompletionService<Result> all = new ExecutorCompletionService<>(pool);
      for (int replica = 0; replica < replicas; replica++) {
        all.submit(() -> replica(together, numerics));
      }
      // In order of completion, because the others would wait for a replica that failed.
      Result sum = all.take().get();
      for (int ended = 1; ended < replicas; ended++) {
        sum = sum.plus(all.take().get());
      }
      sum.byKind.replaceAll((kind, seconds) -> 1e3 * seconds / replicas);
      return sum;
    } catch (ExecutionException e) {
      throw new RunFailure(
          "A replica failed: %s. Fewer REPLICAS or a smaller BATCH need less memory."
              .formatted(e.getCause()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailure("The benchmark was interrupted.", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private Result replica(CyclicBarrier together, NumericIdentity numerics) throws Exception {
    ImageBatch images = images();
    ImageBatch x = minibatch(images).points();
    Rates rates;
    try (Network network = UNet.create(model, numerics.precision(), threads)) {
      TrainingStep step =
          new TrainingStep(
              network,
              new Adam(LearningRate.constant(1e-3)),
              ExponentialAverage.NONE,
              TrainingState.initial(network.layout(), UNet.initialParameters(model, 1), false));
      rates =
          new Rates(
              rate(together, () -> step.make(minibatch(images), gradient -> {})),
              rate(together, () -> network.field().at(x, 0.5)));
    } finally {
      ThreadMemory.release();
    }
    if (numerics.library() == Library.CUDA) {
      return new Result(rates, new Rates(0, 0), new TreeMap<>());
    }
    together.await();
    Profile profile = UNet.profile(model, numerics.precision());
    Rates limit =
        new Rates(threads / profile.convolutions(), threads / profile.forwardConvolutions());
    return new Result(rates, limit, profile.byKind());
  }

  private ImageBatch images() {
    Random random = new Random(1);
    ImageBatch images = ImageBatch.zeros(model.image(), batch);
    for (int i = 0; i < images.values().length; i++) {
      images.values()[i] = 2 * random.nextFloat() - 1;
    }
    return images;
  }

  private Minibatch minibatch(ImageBatch images) {
    return Objective.flowMatching().minibatch(images, LongStream.range(0, batch).toArray(), DRAWS);
  }

  private double rate(CyclicBarrier together, Runnable step) throws Exception {
    for (int i = 0; i < WARM_UP_STEPS; i++) {
      step.run();
    }
    together.await();
    double[] seconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      step.run();
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return batch / seconds[steps / 2];
  }
}
