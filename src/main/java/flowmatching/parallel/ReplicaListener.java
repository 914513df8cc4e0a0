package flowmatching.parallel;

import flowmatching.failure.RunFailure;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/**
 * What a replica does in each step beside computing: between the gradient and Adam it shares its
 * gradient, and after that it tells Spark's accumulators, which the driver sees with every
 * heartbeat.
 */
final class ReplicaListener extends BaseTrainingListener {
  private final Plan plan;
  private final StepSums sums;
  private final Optional<GradientExchange> exchange;
  private final Stop stop;
  private boolean last;
  private int steps;
  private long images;
  private double lossSum;
  private long exchangeNs;

  /**
   * Tells of a replica.
   *
   * @param exchange where replicas share gradients
   */
  ReplicaListener(Plan plan, StepSums sums, Optional<GradientExchange> exchange, Stop stop) {
    this.plan = plan;
    this.sums = sums;
    this.exchange = exchange;
    this.stop = stop;
  }

  /** Before a step: whether it is the round's last. */
  void last(boolean isLast) {
    last = isLast;
  }

  @Override
  public void onGradientCalculation(Model model) {
    stop.check();
    long start = System.nanoTime();
    exchange.ifPresent(all -> all.mean(((ComputationGraph) model).getGradientsViewArray(), last));
    exchangeNs += System.nanoTime() - start;
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    double loss = model.score();
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The loss is %s in step %d of the run, with a learning rate of %s and a threshold of %s: the network has diverged. Checkpoints of earlier epochs stay; train anew with a smaller train.learning-rate, in another train.output."
              .formatted(
                  loss,
                  iteration + 1,
                  plan.optimiser().getLearningRate(iteration, epoch),
                  plan.threshold()));
    }
    int batch = model.batchSize();
    steps++;
    images += batch;
    lossSum += loss * batch;
    sums.add(batch, loss * batch);
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

  /** Nanoseconds in the exchange, waiting included. */
  long exchangeNs() {
    return exchangeNs;
  }
}
