package flowmatching.means.parallel;

import flowmatching.flow.Minibatch;
import flowmatching.means.cluster.BarrierJob;
import flowmatching.means.cluster.ComputeTask;
import flowmatching.network.Network;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.network.optimiser.TrainingStep;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;

/** Trains a replica for one round, on the minibatches of its partition. */
record ReplicaTask(String round, Plan plan, Broadcast<TrainingState> start, StepSums sums)
    implements BarrierJob.Work<Minibatch, ReplicaReport> {

  @Override
  public ReplicaReport of(BarrierTaskContext context, Iterator<Minibatch> minibatches) {
    return ComputeTask.run(
        plan.numerics(),
        () -> {
          try (Network network =
              UNet.create(plan.model(), plan.numerics().precision(), context.cpus())) {
            TrainingStep training =
                new TrainingStep(network, plan.optimiser(), plan.average(), start.value());
            return plan.shareGradients()
                ? trainTogether(context, training, minibatches)
                : new ReplicaSteps(training, plan, sums, Optional.empty(), context)
                    .make(minibatches);
          }
        });
  }

  private ReplicaReport trainTogether(
      BarrierTaskContext context, TrainingStep training, Iterator<Minibatch> minibatches) {
    String attempt = round + "/" + context.stageAttemptNumber();
    Peers peers = Peers.meet(attempt, context, plan.udpPorts());
    int length = training.state().layout().length();
    try (GradientExchange exchange = GradientExchange.open(attempt, plan, peers, length, context)) {
      ReplicaReport report =
          new ReplicaSteps(training, plan, sums, Optional.of(exchange), context).make(minibatches);
      exchange.end();
      return report;
    }
  }
}
