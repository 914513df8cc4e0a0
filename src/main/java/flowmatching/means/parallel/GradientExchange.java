package flowmatching.means.parallel;

import flowmatching.means.parameterserver.Traffic;
import flowmatching.means.parameterserver.UpdateServer;
import org.apache.spark.BarrierTaskContext;

/**
 * All-reduce of a replica's gradients: each replica gets the mean over all replicas, and so makes
 * the step that one replica with the whole batch would make.
 */
final class GradientExchange implements AutoCloseable {
  private final String round;
  private final Peers peers;
  private final LocalReplicas localReplicas;
  private final BarrierTaskContext task;

  /** Opened by the first replica of each process if there are several processes. */
  private UpdateServer server;

  private long waitedNs;

  private GradientExchange(
      String round, Peers peers, LocalReplicas localReplicas, BarrierTaskContext task) {
    this.round = round;
    this.peers = peers;
    this.localReplicas = localReplicas;
    this.task = task;
  }

  /**
   * Connects a replica with all others; all of them call this at the same time.
   *
   * @param length number of values of a gradient
   * @throws flowmatching.means.cluster.PeerLost if another process cannot be reached
   */
  static GradientExchange open(
      String round, Plan plan, Peers peers, int length, BarrierTaskContext task) {
    LocalReplicas localReplicas =
        LocalReplicas.join(round, peers.localReplicas(), plan.patienceS());
    GradientExchange exchange = new GradientExchange(round, peers, localReplicas, task);
    try {
      if (peers.processes().size() > 1 && peers.localIndex() == 0) {
        exchange.server =
            UpdateServer.open(peers.session(round, length, plan.threshold(), plan.patienceS()));
        localReplicas.connect(exchange.server);
      }
      return exchange;
    } catch (RuntimeException | Error e) {
      localReplicas.leave(round);
      throw e;
    }
  }

  /** Replaces a replica's gradient by the mean over all replicas. */
  void mean(float[] gradient, boolean last) {
    int replicas = peers.all().size();
    if (replicas > 1) {
      waitedNs += localReplicas.sum(peers.localIndex(), gradient, last, task);
      float share = (float) (1.0 / replicas);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= share;
      }
    }
  }

  /**
   * Waits until all replicas have made their last step: a process that leaves earlier may take
   * unsent messages with it.
   */
  void end() {
    if (peers.processes().size() > 1) {
      task.barrier();
    }
  }

  /** Nanoseconds that this replica has waited for others. */
  long waitedNs() {
    return waitedNs + traffic().waitedNs();
  }

  /** Traffic of this process, reported by its first replica only. */
  Traffic traffic() {
    return server == null ? Traffic.NONE : server.traffic();
  }

  @Override
  public void close() {
    UpdateServer opened = server;
    try (opened) {
      localReplicas.leave(round);
    }
  }
}
