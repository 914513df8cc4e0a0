package flowmatching.means.parallel;

import flowmatching.means.parameterserver.Traffic;
import flowmatching.means.parameterserver.UpdateServer;
import org.apache.spark.BarrierTaskContext;

/**
 * How a replica's gradient becomes the mean of all replicas' gradients, so that each makes the step
 * that one with the whole batch would make.
 */
final class GradientExchange implements AutoCloseable {
  private final String round;
  private final Peers peers;
  private final Neighbours neighbours;
  private final BarrierTaskContext context;
  private final Stop stop;

  /** Of the first replica of a process, where there are several processes. */
  private UpdateServer server;

  private long waitedNs;

  private GradientExchange(
      String round, Peers peers, Neighbours neighbours, BarrierTaskContext context) {
    this.round = round;
    this.peers = peers;
    this.neighbours = neighbours;
    this.context = context;
    this.stop = new Stop(context);
  }

  /**
   * Connects a replica with all others; each of them calls this at the same time.
   *
   * @param length values of a gradient
   * @throws flowmatching.means.cluster.PeerLost where another process cannot be reached
   */
  static GradientExchange open(
      String round, Plan plan, Peers peers, int length, BarrierTaskContext context) {
    Neighbours neighbours = Neighbours.join(round, peers.neighbours().size(), plan.patienceS());
    GradientExchange exchange = new GradientExchange(round, peers, neighbours, context);
    try {
      exchange.connect(plan, length);
      return exchange;
    } catch (RuntimeException | Error e) {
      neighbours.leave(round);
      throw e;
    }
  }

  /** All do it at once: a process tries until the server's port is open. */
  private void connect(Plan plan, int length) {
    if (peers.processes().size() > 1 && place() == 0) {
      server = UpdateServer.open(session(plan, length));
      neighbours.connect(server);
    }
  }

  private int place() {
    return peers.neighbours().indexOf(peers.own());
  }

  private UpdateServer.Session session(Plan plan, int length) {
    return new UpdateServer.Session(
        round, peers.processes(), peers.ownProcess(), length, plan.threshold(), plan.patienceS());
  }

  /**
   * Makes a replica's gradient the mean of all replicas' gradients.
   *
   * @param last whether this is the round's last step
   */
  void mean(float[] gradient, boolean last) {
    int replicas = peers.all().size();
    if (replicas > 1) {
      waitedNs += neighbours.sum(place(), gradient, last, stop);
      float share = (float) (1.0 / replicas);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= share;
      }
    }
  }

  /**
   * Waits until all replicas have made their last step: a process that leaves takes with it what
   * others have not received yet.
   */
  void end() {
    if (peers.processes().size() > 1) {
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
    UpdateServer opened = server;
    try (opened) {
      neighbours.leave(round);
    }
  }
}
