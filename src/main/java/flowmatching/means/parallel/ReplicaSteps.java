package flowmatching.means.parallel;

import flowmatching.base.failure.RunFailure;
import flowmatching.flow.Minibatch;
import flowmatching.network.optimiser.TrainingStep;
import java.util.Optional;

/**
 * The steps of a replica. It shares each gradient before Adam uses it, and adds each step to
 * Spark's accumulators, which the driver sees with every heartbeat.
 */
final class ReplicaSteps {
  private final TrainingStep training;
  private final Plan plan;
  private final StepSums sums;
  private final Optional<GradientExchange> exchange;
  private final Stop stop;
  private int steps;
  private long images;
  private double lossSum;
  private long exchangeNs;

  /**
   * Steps that continue from the network's state.
   *
   * @param exchange if replicas share gradients
   */
  ReplicaSteps(
      TrainingStep training,
      Plan plan,
      StepSums sums,
      Optional<GradientExchange> exchange,
      Stop stop) {
    this.training = training;
    this.plan = plan;
    this.sums = sums;
    this.exchange = exchange;
    this.stop = stop;
  }

  /**
   * Trains on a minibatch.
   *
   * @param last whether it is the round's last
   * @throws RunFailure if the loss is infinite or not a number
   */
  void make(Minibatch minibatch, boolean last) {
    double rate = training.learningRate();
    double loss = training.make(minibatch, gradient -> share(gradient, last));
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The loss is %s in step %d of the run, with a learning rate of %s and a threshold of %s: the network has diverged. Checkpoints of earlier epochs are kept; train again with a smaller train.learning-rate, in another train.output."
              .formatted(loss, training.state().step(), rate, plan.threshold()));
    }
    int batch = minibatch.images();
    steps++;
    images += batch;
    lossSum += loss * batch;
    sums.add(batch, loss * batch);
  }

  private void share(float[] gradient, boolean last) {
    stop.check();
    long start = System.nanoTime();
    exchange.ifPresent(all -> all.mean(gradient, last));
    exchangeNs += System.nanoTime() - start;
  }

  int steps() {
    return steps;
  }

  long images() {
    return images;
  }

  double lossSum() {
    return lossSum;
  }

  /** Nanoseconds in the exchange, including waits. */
  long exchangeNs() {
    return exchangeNs;
  }
}
