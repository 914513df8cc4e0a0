package flowmatching.means.parameterserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import flowmatching.CapturedLog;
import flowmatching.Computes;
import flowmatching.means.cluster.PeerLost;
import io.aeron.driver.Configuration;
import io.aeron.driver.ext.DebugSendChannelEndpointSupplier;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.v2.messages.pairs.handshake.HandshakeRequest;

/** Several parameter servers in one process, over real UDP. */
@Computes
class UpdateServerTest {
  private static final int LENGTH = 300_000;
  private static final int STEPS = 20;
  private static final String ROUND = "a round";

  @Test
  void everyProcessEndsEachStepWithTheSameSum() throws Exception {
    for (int processes = 2; processes <= 3; processes++) {
      List<List<float[]>> sums = run(processes, members -> {});
      for (int step = 0; step < STEPS; step++) {
        for (List<float[]> other : sums) {
          assertThat(other.get(step)).isEqualTo(sums.get(0).get(step));
        }
      }
    }
  }

  @Test
  void processesReachEachOtherOverIpv6() throws Exception {
    List<List<float[]>> sums = run(endpoints("::1", 2), 1000, 2, members -> {});
    assertThat(sums.get(1)).hasSize(2);
    for (int step = 0; step < 2; step++) {
      assertThat(sums.get(1).get(step)).isEqualTo(sums.get(0).get(step));
    }
  }

  /**
   * Frames are lost, the server's socket has room for one of five senders, and terms end often: a
   * receiver that misses a loss would wait forever.
   */
  @Test
  void lostFramesAreSentAgain() throws Exception {
    Map<String, String> lossy =
        Map.of(
            "aeron.SendChannelEndpoint.supplier",
            DebugSendChannelEndpointSupplier.class.getName(),
            "aeron.debug.send.data.loss.rate",
            "0.02",
            "aeron.debug.send.data.loss.seed",
            "1",
            "aeron.socket.so_rcvbuf",
            "32768",
            AeronProperties.TERM_LENGTH,
            "262144");
    AeronProperties.set();
    Map<String, String> usual = new HashMap<>();
    lossy.forEach((name, value) -> usual.put(name, System.setProperty(name, value)));
    try {
      List<List<float[]>> sums = run(endpoints("127.0.0.1", 6), 1_100_000, 8, members -> {});
      for (List<float[]> other : sums) {
        assertThat(other.get(7)).isEqualTo(sums.get(0).get(7));
      }
    } finally {
      usual.forEach(UpdateServerTest::setProperty);
    }
  }

  private static void setProperty(String name, String value) {
    if (value == null) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }

  @Test
  void messagesOfStrangersAreRefusedBeforeDeserialisation() throws Exception {
    Foreign.made = false;
    try (CapturedLog filter = new CapturedLog(DeserialisationFilter.class);
        CapturedLog transport = new CapturedLog(GuardedTransport.class);
        Stranger stranger = new Stranger()) {
      assertUndisturbed(
          members -> {
            for (Endpoint member : members) {
              stranger.sendGarbage(member.port());
              stranger.sendMessage(member, SerializationUtils.toByteArray(new Foreign()));
              // Several fragments, none of which is kept.
              stranger.sendMessage(member, new byte[10_000]);
              stranger.sendMessage(member, new byte[] {1, 2, 3});
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> transport.messages().size() == 6);
          });
      assertThat(filter.messages()).isEmpty();
      assertThat(transport.messages())
          .hasSize(6)
          .allMatch(message -> message.contains("the sender is not a member of the session"));
      assertThat(Foreign.made).isFalse();
    }
  }

  @Test
  void unexpectedMessagesAreRefusedEvenFromSendersThatKnowTheSession() throws Exception {
    Foreign.made = false;
    HandshakeRequest whole = new HandshakeRequest();
    whole.setOriginatorId("aeron:udp?endpoint=127.0.0.1:1");
    byte[] request = SerializationUtils.toByteArray(whole);
    List<byte[]> messages =
        List.of(
            SerializationUtils.toByteArray(new Foreign()),
            request,
            Arrays.copyOf(request, request.length / 2));
    try (CapturedLog filter = new CapturedLog(DeserialisationFilter.class);
        CapturedLog transport = new CapturedLog(GuardedTransport.class);
        Stranger stranger = new Stranger()) {
      assertUndisturbed(
          members -> {
            for (Endpoint member : members) {
              int other = 1 - members.indexOf(member);
              messages.forEach(
                  message -> stranger.sendMessage(member, inEnvelope(members, other, message)));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> transport.messages().size() == 6);
          });
      assertThat(filter.messages())
          .hasSize(2)
          .allMatch(message -> message.contains("class " + Foreign.class.getName()));
      assertThat(transport.messages())
          .filteredOn(message -> message.contains("filter status: REJECTED"))
          .hasSize(2);
      assertThat(transport.messages())
          .filteredOn(
              message -> message.contains("the originator is aeron:udp?endpoint=127.0.0.1:1"))
          .hasSize(2);
      assertThat(Foreign.made).isFalse();
    }
  }

  private static byte[] inEnvelope(List<Endpoint> members, int sender, byte[] message) {
    Session session = new Session(ROUND, members, 1 - sender, LENGTH, 0.05, 20);
    return new Envelope(session.id(), session.senders(), Envelope.mostBytes(2))
        .around(sender, message)
        .byteArray();
  }

  /** Compares the sums of two processes with those of a run without the disturbance. */
  private static void assertUndisturbed(Consumer<List<Endpoint>> halfway) throws Exception {
    List<List<float[]>> undisturbed = run(2, members -> {});
    List<List<float[]>> disturbed = run(2, halfway);
    for (int process = 0; process < 2; process++) {
      for (int step = 0; step < STEPS; step++) {
        assertThat(disturbed.get(process).get(step)).isEqualTo(undisturbed.get(process).get(step));
      }
    }
  }

  /** Memory outside the heap, which the garbage collector does not see. */
  @Test
  void theArraysOfAStepAreClosedWithIt() throws Exception {
    // Short enough that the garbage collector hardly runs meanwhile.
    int length = 20_000;
    long[] bytes = new long[1];
    run(
        endpoints("127.0.0.1", 2),
        length,
        STEPS,
        members -> bytes[0] = Nd4j.getEnvironment().getDeviceCouner(0));
    assertThat(Nd4j.getEnvironment().getDeviceCouner(0) - bytes[0]).isLessThan(3L * length);
  }

  @Test
  void openingFailsWithoutLeftoversIfTheServerIsSilent() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Endpoint server = new Endpoint("127.0.0.1", silent.getLocalPort());
      List<Endpoint> members = List.of(server, new Endpoint("127.0.0.1", freePort()));
      Session session = new Session(ROUND, members, 1, LENGTH, 0.05, 2);
      assertThatThrownBy(() -> UpdateServer.open(session))
          .isInstanceOf(PeerLost.class)
          .hasMessageContaining("%s did not open its port", server.id());
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> threads().isEmpty());
  }

  @Test
  void anInterruptedStartLeavesNoThreads() throws Exception {
    List<Endpoint> members =
        List.of(new Endpoint("127.0.0.1", freePort()), new Endpoint("127.0.0.1", freePort()));
    Session session = new Session(ROUND, members, 0, LENGTH, 0.05, 20);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> UpdateServer.open(session))
        .isInstanceOf(PeerLost.class)
        .hasMessageContaining("was interrupted");
    assertThat(Thread.interrupted()).isTrue();
    await().atMost(Duration.ofSeconds(20)).until(() -> threads().isEmpty());
  }

  @Test
  void aSumAfterTheCloseFails() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<UpdateServer> servers = new ArrayList<>();
    try {
      openAll(endpoints("127.0.0.1", 2), LENGTH, servers, threads);
    } finally {
      servers.forEach(UpdateServer::close);
      threads.shutdownNow();
    }
    for (UpdateServer server : servers) {
      assertThatThrownBy(() -> server.sum(new float[LENGTH], 0, false, () -> true))
          .isInstanceOf(PeerLost.class);
    }
  }

  @Test
  void aeronUsesTheOnDemandIdleStrategy() {
    AeronProperties.set();
    assertThat(Configuration.sharedIdleStrategy(null)).isInstanceOf(OnDemandIdleStrategy.class);
  }

  @Test
  void closedServersLeaveNoThreads() throws Exception {
    run(2, members -> assertThat(threads()).isNotEmpty());
    await().atMost(Duration.ofSeconds(20)).until(() -> threads().isEmpty());
  }

  /** Threads that servers have started. */
  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getThreadGroup() != null)
        .filter(thread -> thread.getThreadGroup().getName().equals("parameter-server"))
        .toList();
  }

  /** An object of a class that no member of a session sends. */
  private static final class Foreign implements Serializable {
    private static volatile boolean made;

    private void readObject(ObjectInputStream in) {
      made = true;
    }
  }

  private static List<List<float[]>> run(int processes, Consumer<List<Endpoint>> halfway)
      throws Exception {
    return run(endpoints("127.0.0.1", processes), LENGTH, STEPS, halfway);
  }

  /**
   * Returns all sums of all processes.
   *
   * @param halfway runs while the processes exchange gradients
   */
  private static List<List<float[]>> run(
      List<Endpoint> endpoints, int length, int steps, Consumer<List<Endpoint>> halfway)
      throws Exception {
    int processes = endpoints.size();
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    List<UpdateServer> servers = new ArrayList<>();
    try {
      openAll(endpoints, length, servers, threads);
      List<Future<List<float[]>>> all = new ArrayList<>();
      for (int own = 0; own < processes; own++) {
        UpdateServer server = servers.get(own);
        Random random = new Random(own);
        boolean isServer = own == 0;
        all.add(
            threads.submit(
                () -> {
                  List<float[]> sums = new ArrayList<>();
                  for (int step = 0; step < steps; step++) {
                    if (isServer && step == steps / 2) {
                      halfway.accept(endpoints);
                    }
                    float[] gradient = new float[length];
                    for (int i = 0; i < length; i++) {
                      gradient[i] = (float) random.nextGaussian();
                    }
                    server.sum(gradient, step, step == steps - 1, () -> false);
                    sums.add(gradient);
                  }
                  return sums;
                }));
      }
      List<List<float[]>> sums = new ArrayList<>();
      for (Future<List<float[]>> one : all) {
        sums.add(one.get());
      }
      return sums;
    } finally {
      servers.forEach(UpdateServer::close);
      threads.shutdownNow();
    }
  }

  private static List<Endpoint> endpoints(String host, int processes) throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      endpoints.add(new Endpoint(host, freePort()));
    }
    return endpoints;
  }

  private static void openAll(
      List<Endpoint> members, int length, List<UpdateServer> servers, ExecutorService threads)
      throws Exception {
    List<Future<UpdateServer>> opening = new ArrayList<>();
    for (int own = 0; own < members.size(); own++) {
      Session session = new Session(ROUND, members, own, length, 0.05, 20);
      opening.add(threads.submit(() -> open(session)));
    }
    for (Future<UpdateServer> server : opening) {
      servers.add(server.get());
    }
  }

  /** Opens the server last. */
  private static UpdateServer open(Session session) throws InterruptedException {
    if (session.isServer()) {
      Thread.sleep(1000);
    }
    return UpdateServer.open(session);
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      return socket.getLocalPort();
    }
  }
}
