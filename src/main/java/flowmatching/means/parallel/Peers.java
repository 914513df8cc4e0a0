package flowmatching.means.parallel;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.UdpPorts;
import flowmatching.means.parameterserver.Endpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;

/**
 * The replicas of a round. Each sends its executor and endpoint to all others through the driver.
 *
 * @param own rank of this replica
 * @param all replicas by rank
 */
record Peers(int own, List<Peer> all) {
  /** Spark's id of the executor in local mode. */
  private static final String DRIVER = "driver";

  /** A replica, with the endpoint of its process. */
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
      return ofDriver(context);
    }
    List<String> executors = new ArrayList<>();
    Map<String, List<String>> claims = new LinkedHashMap<>();
    // Ports stay taken until all have theirs, so that two processes of a host never get the same.
    try (PortClaim claim = PortClaim.of(round, env, ports)) {
      // A single gather for both, because Spark's barrier polls once per second.
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
   * Avoids Spark's barrier in local mode, where all replicas are in one process: it would start a
   * thread that keeps the driver from ending.
   */
  private static Peers ofDriver(BarrierTaskContext context) {
    Peer peer = new Peer(DRIVER, new Endpoint("localhost", 0));
    return new Peers(
        context.partitionId(), Collections.nCopies(context.getTaskInfos().length, peer));
  }

  /** Ranks of the replicas in this process, in order. */
  List<Integer> localRanks() {
    return ranksOn(all.get(own).executor());
  }

  /** Index of this replica among those of this process. */
  int localIndex() {
    return localRanks().indexOf(own);
  }

  /** Endpoint of each process, from its first replica. */
  List<Endpoint> processes() {
    return executors().stream()
        .map(executor -> all.get(ranksOn(executor).get(0)).endpoint())
        .toList();
  }

  /** Index of this process among them. */
  int ownProcess() {
    return executors().indexOf(all.get(own).executor());
  }

  /** Spark's id of each process. */
  List<String> executors() {
    return all.stream().map(Peer::executor).distinct().toList();
  }

  private List<Integer> ranksOn(String executor) {
    return IntStream.range(0, all.size())
        .filter(rank -> all.get(rank).executor().equals(executor))
        .boxed()
        .toList();
  }
}
