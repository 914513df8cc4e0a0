package flowmatching.train;

import flowmatching.backend.NumericIdentity;
import flowmatching.backend.ThreadMemory;
import flowmatching.failure.RunFailure;
import flowmatching.flow.ImageBatch;
import flowmatching.network.Network;
import flowmatching.network.NetworkVelocity;
import flowmatching.optimiser.Adam;
import flowmatching.optimiser.ExponentialAverage;
import flowmatching.optimiser.LearningRate;
import flowmatching.optimiser.TrainingState;
import flowmatching.optimiser.TrainingStep;
import flowmatching.settings.ModelSettings;
import flowmatching.unet.UNet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The speed of replicas that run at once in this process, each by itself, with the code that trains
 * and samples.
 *
 * @param threads of a replica
 * @param batch images a step of a replica
 * @param steps that are measured, of which the median counts
 */
public record ReplicaBenchmark(
    ModelSettings model, int threads, int batch, int steps, int replicas) {
  /** Until the JVM has compiled what is run often. */
  private static final int WARM_UP_STEPS = 12;

  /**
   * Images a second of all replicas together.
   *
   * @param train in whole training steps: minibatch, forward, backward, Adam
   * @param forward in evaluations of the velocity
   */
  public record Rates(double train, double forward) {
    private Rates plus(Rates other) {
      return new Rates(train + other.train, forward + other.forward);
    }
  }

  /** Runs the benchmark. */
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
        // The first to end is one that fails: others then wait for it.
        sum = sum.plus(all.take().get());
      }
      return sum;
    } catch (ExecutionException e) {
      throw new RunFailure(
          "A replica failed: %s. Fewer REPLICAS or a smaller BATCH take less memory."
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
    MinibatchMaker maker = MinibatchMaker.training(model.image(), 1, 0);
    List<Example> examples = examples();
    ImageBatch x = maker.minibatch(examples).points();
    try (Network network = UNet.create(model, threads)) {
      TrainingStep step =
          new TrainingStep(
              network,
              new Adam(LearningRate.constant(1e-3)),
              ExponentialAverage.NONE,
              TrainingState.initial(network.layout(), UNet.initialParameters(model, 1), false));
      NetworkVelocity velocity = new NetworkVelocity(network);
      return new Rates(
          rate(together, () -> step.make(maker.minibatch(examples), gradient -> {})),
          rate(together, () -> velocity.at(x, 0.5)));
    } finally {
      ThreadMemory.release();
    }
  }

  private List<Example> examples() {
    int pixels = model.image().values();
    Random random = new Random(1);
    List<Example> examples = new ArrayList<>();
    for (int id = 0; id < batch; id++) {
      byte[] image = new byte[pixels];
      random.nextBytes(image);
      examples.add(new Example(id, 0, image));
    }
    return examples;
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
