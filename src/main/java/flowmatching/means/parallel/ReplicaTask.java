package flowmatching.means.parallel;

import flowmatching.flow.Minibatch;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.means.parameterserver.Traffic;
import flowmatching.network.Network;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;

/** Trains a replica for one round, on the minibatches of its partition. */
final class ReplicaTask implements BarrierJob.Work<Minibatch, ReplicaReport> {
  private static final long serialVersionUID = 1;

  private final String round;
  private final Plan plan;
  private final Broadcast<TrainingState> start;
  private final StepSums sums;

  ReplicaTask(String round, Plan plan, Broadcast<TrainingState> start, StepSums sums) {
    this.round = round;
    this.plan = plan;
    this.start = start;
    this.sums = sums;
  }

  @Override
  public ReplicaReport of(BarrierTaskContext context, Iterator<Minibatch> minibatches) {
    return ComputeTask.run(
        plan.numerics(),
        () -> {
          try (Network network = UNet.create(plan.model(), context.cpus())) {
            TrainingStep training =
                new TrainingStep(network, plan.optimiser(), plan.average(), start.value());
            return plan.shareGradients()
                ? trainTogether(context, training, minibatches)
                : train(context, training, minibatches, Optional.empty());
          }
        });
  }

  private ReplicaReport trainTogether(
      BarrierTaskContext context, TrainingStep training, Iterator<Minibatch> minibatches) {
    String attempt = round + "/" + context.stageAttemptNumber();
    Peers peers = Peers.meet(attempt, context, plan.udpPorts());
    int length = training.state().layout().length();
    try (GradientExchange exchange = GradientExchange.open(attempt, plan, peers, length, context)) {
      ReplicaReport report = train(context, training, minibatches, Optional.of(exchange));
      exchange.end();
      return report;
    }
  }

  private ReplicaReport train(
      BarrierTaskContext context,
      TrainingStep training,
      Iterator<Minibatch> minibatches,
      Optional<GradientExchange> exchange) {
    long dataNs = 0;
    long startNs = System.nanoTime();
    ReplicaSteps steps = new ReplicaSteps(training, plan, sums, exchange, new Stop(context));
    while (minibatches.hasNext()) {
      long before = System.nanoTime();
      Minibatch minibatch = minibatches.next();
      dataNs += System.nanoTime() - before;
      steps.make(minibatch, !minibatches.hasNext());
    }
    double seconds = (System.nanoTime() - startNs) * 1e-9;
    double waiting = exchange.map(GradientExchange::waitedNs).orElse(0L) * 1e-9;
    TrainingState end = training.state();
    return new ReplicaReport(
        SparkEnv.get().executorId(),
        steps.steps(),
        steps.images(),
        steps.lossSum(),
        end.fingerprint(),
        context.partitionId() == 0 || !plan.shareGradients() ? end : null,
        exchange.map(GradientExchange::traffic).orElse(Traffic.NONE),
        new ReplicaReport.Times(
            dataNs * 1e-9, steps.exchangeNs() * 1e-9 - waiting, waiting, seconds));
  }
}
