package flowmatching.tools;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ModelSettings;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.Objective;
import flowmatching.flow.Objective.Draws;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.network.Network;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.ThreadMemory;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.util.Arrays;
import java.util.Random;
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
 * @param threads per replica
 * @param batch images per step and replica
 * @param steps to measure; their median counts
 */
public record ReplicaBenchmark(
    ModelSettings model, int threads, int batch, int steps, int replicas) {
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

  public Rates run() {
    NumericIdentity.useBest();
    ExecutorService pool = Executors.newFixedThreadPool(replicas);
    try {
      CyclicBarrier together = new CyclicBarrier(replicas);
      ExecutorCompletionService<Rates> all = new ExecutorCompletionService<>(pool);
      for (int replica = 0; replica < replicas; replica++) {
        all.submit(() -> replica(together));
      }
      Rates sum = new Rates(0, 0);
      for (int ended = 0; ended < replicas; ended++) {
        // In order of completion, because the others would wait for a replica that failed.
        sum = sum.plus(all.take().get());
      }
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

  private Rates replica(CyclicBarrier together) throws Exception {
    ImageBatch images = images();
    ImageBatch x = minibatch(images).points();
    try (Network network = UNet.create(model, threads)) {
      TrainingStep step =
          new TrainingStep(
              network,
              new Adam(LearningRate.constant(1e-3)),
              ExponentialAverage.NONE,
              TrainingState.initial(network.layout(), UNet.initialParameters(model, 1), false));
      return new Rates(
          rate(together, () -> step.make(minibatch(images), gradient -> {})),
          rate(together, () -> network.field().at(x, 0.5)));
    } finally {
      ThreadMemory.release();
    }
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
