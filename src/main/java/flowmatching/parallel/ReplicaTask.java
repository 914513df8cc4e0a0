package flowmatching.parallel;

import flowmatching.parameterserver.Traffic;
import flowmatching.unet.Minibatches;
import flowmatching.unet.NetworkCopies;
import flowmatching.unet.NetworkState;
import flowmatching.unet.UNet;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A replica's part in a round: a network in the round's first state, trained on the minibatches of
 * a partition, each step together with all other replicas. It closes each minibatch after its step.
 */
final class ReplicaTask implements BarrierJob.Work<MultiDataSet, ReplicaReport> {
  private static final long serialVersionUID = 1;

  private final String round;
  private final Plan plan;
  private final Broadcast<NetworkState> start;
  private final StepSums sums;

  ReplicaTask(String round, Plan plan, Broadcast<NetworkState> start, StepSums sums) {
    this.round = round;
    this.plan = plan;
    this.start = start;
    this.sums = sums;
  }

  @Override
  public ReplicaReport of(BarrierTaskContext context, Iterator<MultiDataSet> minibatches) {
    plan.numerics().adopt(Devices.ofTask());
    ComputationGraph network = UNet.create(plan.model(), plan.optimiser());
    try {
      start.value().applyTo(network);
      return plan.shareGradients()
          ? trainTogether(context, network, minibatches)
          : train(context, network, minibatches, Optional.empty());
    } finally {
      network.close();
      Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    }
  }

  private ReplicaReport trainTogether(
      BarrierTaskContext context, ComputationGraph network, Iterator<MultiDataSet> minibatches) {
    String attempt = round + "/" + context.stageAttemptNumber();
    Peers peers = Peers.meet(attempt, context, plan.udpPorts());
    int length = Math.toIntExact(network.params().length());
    try (GradientExchange exchange = GradientExchange.open(attempt, plan, peers, length, context)) {
      ReplicaReport report = train(context, network, minibatches, Optional.of(exchange));
      exchange.end();
      return report;
    }
  }

  private ReplicaReport train(
      BarrierTaskContext context,
      ComputationGraph network,
      Iterator<MultiDataSet> minibatches,
      Optional<GradientExchange> exchange) {
    long dataNs = 0;
    long begin = System.nanoTime();
    ReplicaSteps steps;
    try (NetworkCopies copies = new NetworkCopies(network, context.cpus())) {
      steps = new ReplicaSteps(copies, plan, sums, exchange, new Stop(context));
      while (minibatches.hasNext()) {
        long before = System.nanoTime();
        MultiDataSet minibatch = minibatches.next();
        dataNs += System.nanoTime() - before;
        try {
          steps.make(minibatch, !minibatches.hasNext());
        } finally {
          Minibatches.close(minibatch);
        }
      }
    }
    double seconds = (System.nanoTime() - begin) * 1e-9;
    double waiting = exchange.map(GradientExchange::waitedNs).orElse(0L) * 1e-9;
    NetworkState end = NetworkState.of(network);
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
