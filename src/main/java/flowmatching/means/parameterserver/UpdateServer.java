package flowmatching.means.parameterserver;

import flowmatching.means.cluster.PeerLost;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;

/**
 * One process of a parameter server. The processes of a round send their gradients to the first,
 * which sends the sum to all, through DL4J's {@link ModelParameterServer}. Every process ends a
 * step with the same sum, bit for bit.
 */
public final class UpdateServer implements AutoCloseable {
  static final int STREAM = 119;

  /** Bytes of an update in a message; the rest is for what Java and DL4J add. */
  static final int CHUNK_BYTES = AeronProperties.MESSAGE_BYTES - 1024;

  /** Seconds for Aeron's media driver to start; waits for others have their own limit. */
  private static final int START_S = 20;

  /** Marks the threads that {@link DeserialisationFilter} applies to. */
  private static final ThreadGroup THREADS = new ThreadGroup("parameter-server");

  private final ModelParameterServer server;
  private final GuardedTransport transport;
  private final Inbox inbox;
  private final GradientCode code;
  private final Session session;
  private Traffic traffic = Traffic.NONE;

  private UpdateServer(ModelParameterServer server, Inbox inbox, Session session) {
    this.server = server;
    this.transport = (GuardedTransport) server.getTransport();
    this.inbox = inbox;
    this.session = session;
    this.code = new GradientCode(session.length(), session.threshold());
  }

  /**
   * Opens the UDP port of this process and, if it is not the server, connects to the server. Waits
   * up to the session's patience until the server's port is open.
   *
   * @throws PeerLost if the port cannot be opened, or the server does not answer
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
   * Replaces a gradient by the sum of all processes' gradients.
   *
   * @param gradient of this process; becomes the sum
   * @param step of the round, counted from 0
   * @param last whether it is the round's last step, which is sent unquantised
   * @param stopped whether the round was cancelled, called while this waits
   * @throws PeerLost if another process stops answering
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
      // In order, because a sum of floats depends on it.
      for (int member = 1; member < session.members().size(); member++) {
        add(gradient, others.get(member), member);
      }
    }
    byte[] sent = send(gradient, step, last);
    // The server decodes its own message, so that all have the same sum.
    byte[] sum = session.isServer() ? sent : take(step, stopped).get(Session.SERVER);
    Arrays.fill(gradient, 0);
    add(gradient, sum, Session.SERVER);
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
          "The update of process %d is not valid: %s.".formatted(member, e.getMessage()), e);
    }
  }

  public Traffic traffic() {
    return traffic;
  }

  /** Also works on an interrupted thread: the next round needs the port. */
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
   * Runs a call of DL4J that may never return, on a thread of the group. A server that it returns
   * too late is shut down.
   */
  private static ModelParameterServer inGroup(
      int seconds, String what, Supplier<ModelParameterServer> action) {
    CompletableFuture<ModelParameterServer> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            THREADS, () -> result.completeAsync(action, Runnable::run), "parameter-server-" + what);
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
          "The %s of the parameter server did not finish within %d s.".formatted(what, seconds), e);
    } catch (InterruptedException e) {
      abandon(result, thread);
      Thread.currentThread().interrupt();
      throw new PeerLost("The %s of the parameter server was interrupted.".formatted(what), e);
    }
  }

  private static void abandon(CompletableFuture<ModelParameterServer> result, Thread thread) {
    var unused = result.thenAccept(ModelParameterServer::shutdown);
    thread.interrupt();
  }
}
