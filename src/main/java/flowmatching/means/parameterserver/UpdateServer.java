package flowmatching.means.parameterserver;

import flowmatching.means.cluster.PeerLost;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;

/**
 * This process's part in a parameter server: the processes of a round send their gradients to the
 * first of them, which sends all of them the sum, by DL4J's {@link ModelParameterServer}. Every
 * process ends a step with the same sum, bit for bit.
 */
public final class UpdateServer implements AutoCloseable {
  private static final int SERVER = 0;
  static final int STREAM = 119;

  /** Of an update in a message; the rest is for what Java and DL4J write beside it. */
  static final int CHUNK_BYTES = AeronProperties.MESSAGE_BYTES - 1024;

  /** Seconds for the media driver to start; what waits for others then has its own bound. */
  private static final int START_S = 20;

  /** An own group, to tell its threads from all others of the process. */
  private static final ThreadGroup THREADS = new ThreadGroup("parameter-server");

  private final ModelParameterServer server;
  private final GuardedTransport transport;
  private final Inbox inbox;
  private final GradientCode code;
  private final Session session;
  private Traffic traffic = Traffic.NONE;

  /**
   * A round's processes.
   *
   * @param round its name, which no other has and no other process can guess
   * @param members where each of them receives; the first is the server
   * @param own the place of this one among them
   * @param length values of a gradient
   * @param threshold see {@link GradientCode}
   * @param patienceS seconds to wait for another process at most
   */
  public record Session(
      String round, List<Endpoint> members, int own, int length, double threshold, int patienceS) {
    public Session {
      members = List.copyOf(members);
    }

    /** In a form of fixed length. */
    UUID id() {
      return UUID.nameUUIDFromBytes(round.getBytes(StandardCharsets.UTF_8));
    }

    Endpoint server() {
      return members.get(SERVER);
    }

    /** Where this process receives. */
    Endpoint receiver() {
      return members.get(own);
    }

    boolean isServer() {
      return own == SERVER;
    }

    /** Whose updates this process receives. */
    Set<Integer> senders() {
      return isServer()
          ? IntStream.range(1, members.size()).boxed().collect(Collectors.toSet())
          : Set.of(SERVER);
    }
  }

  private UpdateServer(ModelParameterServer server, Inbox inbox, Session session) {
    this.server = server;
    this.transport = (GuardedTransport) server.getTransport();
    this.inbox = inbox;
    this.session = session;
    this.code = new GradientCode(session.length(), session.threshold());
  }

  /**
   * Opens the UDP port of this process, and shakes hands with the server where that is another. It
   * tries for some seconds until the server's is open.
   *
   * @throws PeerLost where the port cannot be opened, or the server does not answer
   */
  public static UpdateServer open(Session session) {
    AeronProperties.set();
    DeserialisationFilter.install(THREADS);
    Inbox inbox = new Inbox(session.id(), session.senders());
    ModelParameterServer server =
        inGroup(START_S + 2 * session.patienceS(), "start", () -> launch(session, inbox));
    return new UpdateServer(server, inbox, session);
  }

  private static ModelParameterServer launch(Session session, Inbox inbox) {
    VoidConfiguration configuration =
        VoidConfiguration.builder()
            .streamId(STREAM)
            .portSupplier(session.receiver()::port)
            .controllerAddress(session.server().host())
            .maxChunkSize(CHUNK_BYTES)
            .build();
    GuardedTransport transport = new GuardedTransport(session, configuration);
    try {
      ModelParameterServer server =
          new ModelParameterServer(configuration, transport, session.isServer());
      server.addUpdatesSubscriber(inbox);
      server.launch();
      return server;
    } catch (RuntimeException e) {
      transport.shutdown();
      throw e;
    }
  }

  /**
   * Makes a gradient the sum of all processes' gradients.
   *
   * @param gradient of this process; it becomes the sum
   * @param step of the round, from 0, one after the other
   * @param last whether it is the round's last, which is sent in full
   * @param stopped whether the round was given up, asked while this waits
   * @throws PeerLost where another process falls silent
   */
  public void sum(float[] gradient, int step, boolean last, BooleanSupplier stopped) {
    transport.demand(true);
    try {
      exchange(gradient, step, last, stopped);
    } finally {
      transport.demand(false);
    }
  }

  private void exchange(float[] gradient, int step, boolean last, BooleanSupplier stopped) {
    if (session.isServer()) {
      Map<Integer, byte[]> others = take(step, stopped);
      // In their order, since a sum of floats depends on it.
      for (int member = 1; member < session.members().size(); member++) {
        add(gradient, others.get(member), member);
      }
    }
    byte[] sent = send(gradient, step, last);
    // The server, too, goes on with what it has sent, so that all have the same sum.
    byte[] sum = session.isServer() ? sent : take(step, stopped).get(SERVER);
    Arrays.fill(gradient, 0);
    add(gradient, sum, SERVER);
  }

  private Map<Integer, byte[]> take(int step, BooleanSupplier stopped) {
    long start = System.nanoTime();
    Map<Integer, byte[]> bodies = inbox.take(step, session.patienceS(), stopped);
    traffic = traffic.waited(System.nanoTime() - start);
    return bodies;
  }

  private byte[] send(float[] gradient, int step, boolean last) {
    GradientCode.Encoded encoded = last ? code.exact(gradient) : code.quantised(gradient);
    long[] words = new Update(session.id(), step, session.own(), encoded.body()).words();
    try (INDArray array = Nd4j.createFromArray(words)) {
      server.sendUpdate(array, step, session.own());
    } catch (PeerLost e) {
      throw e;
    } catch (RuntimeException e) {
      throw new PeerLost(
          "The update of step %d could not be sent from %s: %s."
              .formatted(step, session.receiver(), GuardedTransport.reason(e)),
          e);
    }
    if (!last) {
      traffic = traffic.sent(encoded);
    }
    return encoded.body();
  }

  private static void add(float[] sum, byte[] body, int member) {
    try {
      GradientCode.addTo(sum, body);
    } catch (IllegalArgumentException e) {
      throw new PeerLost(
          "The update of process %d is none: %s.".formatted(member, e.getMessage()), e);
    }
  }

  /** What was sent so far. */
  public Traffic traffic() {
    return traffic;
  }

  /** Also in a thread that is interrupted: the next round must not find this one's port taken. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      inGroup(
          session.patienceS(),
          "stop",
          () -> {
            server.shutdown();
            return server;
          });
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Runs what DL4J may never return from, in a thread of the group. A server that comes when nobody
   * waits any more is shut down.
   */
  private static ModelParameterServer inGroup(
      int seconds, String what, Callable<ModelParameterServer> action) {
    CompletableFuture<ModelParameterServer> result = new CompletableFuture<>();
    Thread thread = new Thread(THREADS, () -> complete(result, action), "parameter-server-" + what);
    thread.setDaemon(true);
    thread.start();
    try {
      return result.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PeerLost lost
          ? lost
          : new PeerLost(
              "The %s of the parameter server failed: %s."
                  .formatted(what, GuardedTransport.reason(e.getCause())),
              e.getCause());
    } catch (TimeoutException e) {
      abandon(result, thread);
      throw new PeerLost(
          "The %s of the parameter server has not ended within %d s.".formatted(what, seconds), e);
    } catch (InterruptedException e) {
      abandon(result, thread);
      Thread.currentThread().interrupt();
      throw new PeerLost("The %s of the parameter server was interrupted.".formatted(what), e);
    }
  }

  private static void complete(
      CompletableFuture<ModelParameterServer> result, Callable<ModelParameterServer> action) {
    try {
      result.complete(action.call());
    } catch (Throwable e) {
      result.completeExceptionally(e);
    }
  }

  private static void abandon(CompletableFuture<ModelParameterServer> result, Thread thread) {
    var unused = result.thenAccept(ModelParameterServer::shutdown);
    thread.interrupt();
  }
}
