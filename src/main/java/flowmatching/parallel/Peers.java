package flowmatching.parallel;

import flowmatching.parameterserver.Endpoint;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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

  /** A replica, by its rank. */
  record Peer(String executor, Endpoint endpoint) {
    private static Peer parse(String line) {
      String[] fields = line.split(" ", 3);
      return new Peer(fields[0], new Endpoint(fields[1], Integer.parseInt(fields[2])));
    }

    private String line() {
      return executor + " " + endpoint.host() + " " + endpoint.port();
    }
  }

  /** Waits until all replicas of the round are here. */
  static Peers meet(BarrierTaskContext context) throws IOException {
    SparkEnv env = SparkEnv.get();
    if (env.executorId().equals(DRIVER)) {
      return ofDriver(context);
    }
    InetAddress address = InetAddress.getByName(env.blockManager().blockManagerId().host());
    Peer peer =
        new Peer(env.executorId(), new Endpoint(address.getHostAddress(), freePort(address)));
    List<Peer> all = new ArrayList<>();
    for (String line : context.allGather(peer.line())) {
      all.add(Peer.parse(line));
    }
    return new Peers(context.partitionId(), List.copyOf(all));
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

  private static int freePort(InetAddress address) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 0))) {
      return socket.getLocalPort();
    }
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

  private List<String> executors() {
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
