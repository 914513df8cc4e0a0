package flowmatching.means.parallel;

import flowmatching.base.failure.RunFailure;
import flowmatching.flow.Minibatch;
import flowmatching.means.cluster.PeerLost;
import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * The steps of a replica. It shares each gradient before Adam uses it, and adds each step to
 * Spark's accumulators, which the driver sees with every heartbeat.
 */
final class ReplicaSteps {
  private final TrainingStep training;
  private final Plan plan;
  private final StepSums sums;
  private final Optional<GradientExchange> exchange;
  private final TaskContext task;
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
      TaskContext task) {
    this.training = training;
    this.plan = plan;
    this.sums = sums;
    this.exchange = exchange;
    this.task = task;
  }

  /**
   * Trains on a round's minibatches.
   *
   * @throws RunFailure if the loss is infinite or not a number
   */
  ReplicaReport make(Iterator<Minibatch> minibatches) {
    long dataNs = 0;
    long startNs = System.nanoTime();
    while (minibatches.hasNext()) {
      long before = System.nanoTime();
      Minibatch minibatch = minibatches.next();
      dataNs += System.nanoTime() - before;
      make(minibatch, !minibatches.hasNext());
    }
    double seconds = (System.nanoTime() - startNs) * 1e-9;
    double data = dataNs * 1e-9;
    double waiting = exchange.map(GradientExchange::waitedNs).orElse(0L) * 1e-9;
    double adding = exchangeNs * 1e-9 - waiting;
    TrainingState end = training.state();
    return new ReplicaReport(
        SparkEnv.get().executorId(),
        steps,
        images,
        lossSum,
        end.fingerprint(),
        task.partitionId() == 0 || !plan.shareGradients() ? end : null,
        exchange.map(GradientExchange::traffic).orElse(Traffic.NONE),
        new Round.Seconds(seconds - data - adding - waiting, data, adding, waiting, 0));
  }

  private void make(Minibatch minibatch, boolean last) {
    double rate = training.learningRate();
    double loss = training.make(minibatch, gradient -> share(gradient, last));
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The loss is %s in step %d of the run, with a learning rate of %s and a threshold of %s: the network has diverged. Checkpoints of earlier epochs are kept; train again with a smaller train.learning-rate, or with other train.initial-weights if step 1 already fails, in another train.output."
              .formatted(loss, training.state().step(), rate, plan.threshold()));
    }
    int batch = minibatch.images();
    steps++;
    images += batch;
    lossSum += loss * batch;
    sums.add(batch, loss * batch);
  }

  private void share(float[] gradient, boolean last) {
    checkNotCancelled(task);
    long start = System.nanoTime();
    exchange.ifPresent(all -> all.mean(gradient, last));
    exchangeNs += System.nanoTime() - start;
  }

  /** A task must check itself whether Spark has cancelled it. */
  static void checkNotCancelled(TaskContext task) {
    if (task.isInterrupted()) {
      throw new PeerLost("The round was cancelled.");
    }
  }
}
