package flowmatching.means.parallel;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.UdpPorts;
import flowmatching.means.parameterserver.Endpoint;
import flowmatching.means.parameterserver.Session;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/**
 * The replicas of a round. Each sends its executor and endpoint to all others through the driver.
 *
 * @param own rank of this replica
 * @param all replicas by rank
 */
record Peers(int own, List<Peer> all) {
  /** Spark's id of the only executor in local mode. */
  private static final String DRIVER = "driver";

  /** A replica's process. */
  record Peer(String executor, Endpoint endpoint) {}

  /**
   * Waits for all replicas of the round, and finds a UDP port for each process.
   *
   * @param round unique name of the round
   * @throws EnvironmentFailure in all replicas if processes find no port, with all such processes
   */
  static Peers meet(String round, BarrierTaskContext context, UdpPorts ports) {
    SparkEnv env = SparkEnv.get();
    if (env.executorId().equals(DRIVER)) {
      // Spark's barrier would start a thread that keeps the driver from ending in local mode.
      Peer peer = new Peer(DRIVER, new Endpoint("localhost", 0));
      return new Peers(
          context.partitionId(), Collections.nCopies(context.getTaskInfos().length, peer));
    }
    List<String> lines;
    // Ports stay taken until all have theirs, so that two processes of a host never get the same.
    try (PortClaim claim = PortClaim.of(round, env, ports)) {
      // A single gather for both, because Spark's barrier polls once per second.
      lines = List.of(context.allGather(env.executorId() + " " + claim.line()));
    }
    Map<String, Endpoint> endpoints = PortClaim.endpoints(lines);
    return new Peers(
        context.partitionId(),
        lines.stream()
            .map(line -> line.split(" ", 2)[0])
            .map(executor -> new Peer(executor, endpoints.get(executor)))
            .toList());
  }

  /** Number of replicas in this process. */
  int localReplicas() {
    return Collections.frequency(all, all.get(own));
  }

  /** Index of this replica among those of this process. */
  int localIndex() {
    return Collections.frequency(all.subList(0, own), all.get(own));
  }

  /** Each process once, in the order of their first replicas. */
  List<Peer> processes() {
    return all.stream().distinct().toList();
  }

  /** Index of this process among them. */
  int ownProcess() {
    return processes().indexOf(all.get(own));
  }

  /** The session of this process with the others. */
  Session session(String round, int length, double threshold, int patienceS) {
    List<Endpoint> endpoints = processes().stream().map(Peer::endpoint).toList();
    return new Session(round, endpoints, ownProcess(), length, threshold, patienceS);
  }
}
