package flowmatching.parallel;

import flowmatching.parameterserver.Endpoint;
import flowmatching.parameterserver.Traffic;
import flowmatching.parameterserver.UpdateServer;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a replica's gradient becomes the mean of all replicas' gradients, so that each makes the step
 * that one with the whole batch would make.
 */
final class GradientExchange implements AutoCloseable {
  private final String round;
  private final Neighbours neighbours;
  private final UpdateServer server;
  private final int place;
  private final int replicas;
  private final int processes;
  private final BarrierTaskContext context;
  private final Stop stop;
  private long waitedNs;

  private GradientExchange(
      String round,
      Neighbours neighbours,
      UpdateServer server,
      Peers peers,
      BarrierTaskContext context) {
    this.round = round;
    this.neighbours = neighbours;
    this.server = server;
    this.place = peers.neighbours().indexOf(peers.own());
    this.replicas = peers.all().size();
    this.processes = peers.processes().size();
    this.context = context;
    this.stop = new Stop(context);
  }

  /**
   * Connects a replica with all others; each of them calls this at the same time.
   *
   * @param length values of a gradient
   * @throws flowmatching.parameterserver.PeerLost where another process cannot be reached
   */
  static GradientExchange open(
      String round, ReplicaTask.Plan plan, Peers peers, int length, BarrierTaskContext context) {
    List<Endpoint> processes = peers.processes();
    Neighbours neighbours = Neighbours.join(round, peers.neighbours().size(), plan.patienceS());
    boolean first = peers.neighbours().get(0) == peers.own();
    UpdateServer server = null;
    if (processes.size() > 1) {
      // The server's port must be open before anyone sends to it.
      boolean serves = peers.ownProcess() == 0;
      if (first && serves) {
        server = UpdateServer.open(session(round, plan, peers, length));
      }
      context.barrier();
      if (first && !serves) {
        server = UpdateServer.open(session(round, plan, peers, length));
      }
      if (first) {
        neighbours.connect(server);
      }
      context.barrier();
    }
    return new GradientExchange(round, neighbours, server, peers, context);
  }

  private static UpdateServer.Session session(
      String round, ReplicaTask.Plan plan, Peers peers, int length) {
    return new UpdateServer.Session(
        round.hashCode(),
        peers.processes(),
        peers.ownProcess(),
        length,
        plan.threshold(),
        plan.patienceS());
  }

  /**
   * Makes a replica's gradient the mean of all replicas' gradients.
   *
   * @param last whether this is the round's last step
   */
  void mean(INDArray gradient, boolean last) {
    stop.check();
    if (replicas > 1) {
      waitedNs += neighbours.sum(place, gradient, last, stop);
      gradient.muli(1.0 / replicas);
    }
  }

  /**
   * Waits until all replicas have made their last step: a process that leaves takes with it what
   * others have not received yet.
   */
  void end() {
    if (processes > 1) {
      context.barrier();
    }
  }

  /** Nanoseconds that this replica has waited for others. */
  long waitedNs() {
    return waitedNs + traffic().waitedNs();
  }

  /** What this process has sent, for the first replica of it. */
  Traffic traffic() {
    return server == null ? Traffic.NONE : server.traffic();
  }

  @Override
  public void close() {
    Neighbours.forget(round);
    if (server != null) {
      server.close();
    }
  }
}
