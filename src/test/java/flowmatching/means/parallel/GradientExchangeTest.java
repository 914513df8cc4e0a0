package flowmatching.means.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.means.cluster.PeerLost;
import flowmatching.means.parallel.Peers.Peer;
import flowmatching.means.parameterserver.Endpoint;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.AbstractList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContext$;
import org.junit.jupiter.api.Test;

@Computes
class GradientExchangeTest {
  private static final int LENGTH = 8;
  private static final int PATIENCE_S = 30;

  private final String round = UUID.randomUUID().toString();
  private final Plan plan = new Plan(null, null, null, null, true, 1e-3, null, PATIENCE_S);
  private final LocalReplicas replicas = LocalReplicas.join(round, 2, 0);
  private final TaskContext task = TaskContext$.MODULE$.empty();

  @Test
  void thePortIsFreeAfterAFailedRound() throws IOException {
    int port;
    try (var free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Peer own = new Peer("0", new Endpoint("127.0.0.1", port));
    Peers peers = new Peers(0, List.of(own, own, new Peer("1", new Endpoint("127.0.0.1", 1))));
    GradientExchange exchange = GradientExchange.open(round, plan, peers, LENGTH, null);
    assertThatThrownBy(() -> replicas.sum(1, new float[LENGTH], false, task))
        .isInstanceOf(PeerLost.class);
    replicas.leave(round);

    exchange.close();

    try (var again = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      assertThat(again.isBound()).isTrue();
    }
  }

  @Test
  void aReplicaThatFailsToConnectLeavesTheRound() {
    Peer peer = new Peer("0", new Endpoint("127.0.0.1", 1));
    List<Peer> all =
        new AbstractList<>() {
          @Override
          public Peer get(int rank) {
            return peer;
          }

          @Override
          public int size() {
            return 2;
          }

          @Override
          public Stream<Peer> stream() {
            throw new LinkageError("no processes");
          }
        };

    assertThatThrownBy(() -> GradientExchange.open(round, plan, new Peers(0, all), LENGTH, null))
        .isInstanceOf(LinkageError.class);

    assertThatThrownBy(() -> replicas.sum(1, new float[LENGTH], false, task))
        .isInstanceOf(PeerLost.class)
        .hasMessageContaining("have left the round");
  }
}
