package flowmatching.means.parallel;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.UdpPorts;
import flowmatching.means.parameterserver.Endpoint;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;

/**
 * A UDP port that is reserved until this is closed, or the reason why none is free.
 *
 * @param line sent to the other replicas
 * @param round that it is for, or null if another replica of the process has claimed a port
 * @param socket that reserves the port, or null
 */
record PortClaim(String line, String round, DatagramSocket socket) implements AutoCloseable {
  /** The rounds for which a replica of this process has made the claim. */
  private static final Set<String> CLAIMED = ConcurrentHashMap.newKeySet();

  private static final String FOUND = "found ";

  /** Claims the executor's first free port; the claim is empty for all its replicas but one. */
  static PortClaim of(String round, SparkEnv env, UdpPorts ports) {
    if (!CLAIMED.add(round)) {
      return new PortClaim("", null, null);
    }
    String host = env.blockManager().blockManagerId().host();
    try {
      InetAddress address = InetAddress.getByName(host);
      DatagramSocket socket = firstFree(address, ports);
      return new PortClaim(
          FOUND + address.getHostAddress() + " " + socket.getLocalPort(), round, socket);
    } catch (IOException e) {
      return new PortClaim(
          "Executor %s cannot open a UDP port on %s, and train.udp-ports is %s: %s."
              .formatted(env.executorId(), host, ports, e.getMessage()),
          round,
          null);
    }
  }

  private static DatagramSocket firstFree(InetAddress address, UdpPorts ports) throws IOException {
    IOException last = null;
    for (int port : ports.candidates().toArray()) {
      try {
        return new DatagramSocket(new InetSocketAddress(address, port));
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /**
   * Endpoint of each process.
   *
   * @param lines of all replicas, each after the process and a space
   * @throws EnvironmentFailure with all processes that have found no port
   */
  static Map<String, Endpoint> endpoints(List<String> lines) {
    Map<String, Endpoint> endpoints = new HashMap<>();
    List<String> failures = new ArrayList<>();
    for (String line : lines) {
      String[] claim = line.split(" ", 2);
      if (claim[1].startsWith(FOUND)) {
        String[] fields = claim[1].split(" ", 3);
        endpoints.put(claim[0], new Endpoint(fields[1], Integer.parseInt(fields[2])));
      } else if (!claim[1].isEmpty()) {
        failures.add(claim[1]);
      }
    }
    if (!failures.isEmpty()) {
      throw new EnvironmentFailure(
          "%s Set train.udp-ports to a range with a free port for each executor on a host, or to any; or train without UDP, with train.strategy=averaging."
              .formatted(String.join(" ", failures)));
    }
    return endpoints;
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
    if (round != null) {
      CLAIMED.remove(round);
    }
  }
}
