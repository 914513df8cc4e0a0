package flowmatching.means.parallel;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.UdpPorts;
import flowmatching.means.parameterserver.Endpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/**
 * The replicas of a round, as they have found each other: each says to all others, through the
 * driver, which executor it is on, and where that can be reached.
 *
 * @param own rank of this replica
 */
record Peers(int own, List<Peer> all) {
  /** What Spark calls the executor of local mode. */
  private static final String DRIVER = "driver";

  /** A replica, by its rank; the endpoint is that of its process. */
  record Peer(String executor, Endpoint endpoint) {}

  /**
   * Waits until all replicas of the round are here, and a UDP port is found for each process.
   *
   * @param round that no other has the name of
   * @throws EnvironmentFailure in all of them, where a process finds none, with all that have not
   */
  static Peers meet(String round, BarrierTaskContext context, UdpPorts ports) {
    SparkEnv env = SparkEnv.get();
    if (env.executorId().equals(DRIVER)) {
      return ofDriver(context);
    }
    List<String> executors = new ArrayList<>();
    Map<String, List<String>> claims = new LinkedHashMap<>();
    // Ports stay taken until all have theirs, so that no two processes of a host find the same.
    try (PortClaim claim = PortClaim.of(round, env, ports)) {
      // Once: whoever waits in Spark's barrier looks up once a second.
      for (String line : context.allGather(env.executorId() + " " + claim.line())) {
        String[] fields = line.split(" ", 2);
        executors.add(fields[0]);
        claims.computeIfAbsent(fields[0], executor -> new ArrayList<>()).add(fields[1]);
      }
    }
    Map<String, Endpoint> endpoints = PortClaim.endpoints(claims);
    return new Peers(
        context.partitionId(),
        executors.stream().map(executor -> new Peer(executor, endpoints.get(executor))).toList());
  }

  /**
   * In local mode all are in one process and need not ask; and Spark would start a thread, for its
   * barrier, that keeps the driver from ending.
   */
  private static Peers ofDriver(BarrierTaskContext context) {
    Peer peer = new Peer(DRIVER, new Endpoint("localhost", 0));
    return new Peers(
        context.partitionId(), Collections.nCopies(context.getTaskInfos().length, peer));
  }

  /** The ranks of the replicas in this process, in order. */
  List<Integer> neighbours() {
    return ranksOn(all.get(own).executor());
  }

  /** Where each process of the round can be reached: where its first replica says. */
  List<Endpoint> processes() {
    return executors().stream()
        .map(executor -> all.get(ranksOn(executor).get(0)).endpoint())
        .toList();
  }

  /** The place of this process among them. */
  int ownProcess() {
    return executors().indexOf(all.get(own).executor());
  }

  /** What Spark calls each process. */
  List<String> executors() {
    return all.stream().map(Peer::executor).distinct().toList();
  }

  private List<Integer> ranksOn(String executor) {
    List<Integer> ranks = new ArrayList<>();
    for (int rank = 0; rank < all.size(); rank++) {
      if (all.get(rank).executor().equals(executor)) {
        ranks.add(rank);
      }
    }
    return ranks;
  }
}
