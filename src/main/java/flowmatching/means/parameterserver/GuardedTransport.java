package flowmatching.means.parameterserver;

import flowmatching.means.cluster.PeerLost;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.nd4j.common.util.SerializationUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.chunks.VoidChunk;
import org.nd4j.parameterserver.distributed.v2.enums.PropagationMode;
import org.nd4j.parameterserver.distributed.v2.messages.BroadcastableMessage;
import org.nd4j.parameterserver.distributed.v2.messages.INDArrayMessage;
import org.nd4j.parameterserver.distributed.v2.messages.RequestMessage;
import org.nd4j.parameterserver.distributed.v2.messages.ResponseMessage;
import org.nd4j.parameterserver.distributed.v2.messages.VoidMessage;
import org.nd4j.parameterserver.distributed.v2.messages.impl.GradientsUpdateMessage;
import org.nd4j.parameterserver.distributed.v2.transport.impl.AeronUdpTransport;
import org.nd4j.parameterserver.distributed.v2.util.MeshOrganizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DL4J's transport over UDP, made fit to run for long and to end:
 *
 * <ul>
 *   <li>it hears only the members of its session, which it checks before it deserialises anything,
 *       and only messages of a size that they send;
 *   <li>a handshake that is not answered ends, and sending fails where it is called;
 *   <li>no update is relayed, since the server sends the sum of all;
 *   <li>no member is thrown out for a late answer (DL4J's heartbeat gives 100 ms);
 *   <li>a member connects to its neighbours alone, since each connection takes shared memory;
 *   <li>its threads end when it is shut down.
 * </ul>
 */
// DL4J's close() is declared to throw any exception; it is shut down by its server, never closed.
@SuppressWarnings("try")
final class GuardedTransport extends AeronUdpTransport {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedTransport.class);
  private static final int FRAGMENTS_A_POLL = 1024;
  private static final int LOOK_NS = 100_000;
  private static final int THREAD_END_MS = 5_000;

  private final List<Endpoint> members;
  private final int own;
  private final Envelope envelope;
  private final MessageParts parts;
  private final MessageAssembly assembly;
  private final Duration patience;
  private final LinkedBlockingQueue<VoidMessage> received = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Object connecting = new Object();
  private final OnDemandIdleStrategy receiving = new OnDemandIdleStrategy();
  private final IdleStrategy carrying;
  private volatile boolean open = true;

  /** A transport that is not launched yet, for one of a session's members. */
  GuardedTransport(UpdateServer.Session session, VoidConfiguration configuration) {
    super(
        session.receiver().uriHost(),
        session.receiver().port(),
        session.server().uriHost(),
        session.server().port(),
        configuration);
    this.members = session.members();
    this.own = session.own();
    this.envelope =
        new Envelope(session.id(), session.senders(), Envelope.mostBytes(members.size()));
    this.parts = new MessageParts(configuration.getMaxChunkSize(), Update.mostBytes(session));
    this.assembly = new MessageAssembly(parts);
    // For each of: the other's port, an answer to the handshake, room for a message.
    this.patience = Duration.ofSeconds(session.patienceS());
    this.carrying = driver.context().sharedIdleStrategy();
  }

  /** Without DL4J's heartbeat. */
  @Override
  public synchronized void launchAsMaster() {
    mesh.get().getRootNode().setId(id());
    createSubscription();
    launch();
  }

  /** DL4J's threads for this would never end. */
  @Override
  protected void createSubscription() {
    ownSubscription = aeron.addSubscription(id(), voidConfiguration.getStreamId());
    messageHandler = new FragmentAssembler(this::jointMessageHandler);
    start("receiver", this::receive);
    start("messages", this::process);
  }

  /**
   * Says whether a replica is in an exchange; so it is at first. What it leaves to be sent goes on,
   * as fast as the other takes it.
   */
  void demand(boolean demand) {
    receiving.demand(demand);
    // Aeron's is another where the user has set it.
    if (carrying instanceof OnDemandIdleStrategy aerons) {
      aerons.demand(demand);
    }
  }

  private void start(String name, Runnable task) {
    Thread thread = new Thread(task, "parameter-server-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void receive() {
    FragmentHandler guarded = this::onFragment;
    while (open) {
      receiving.idle(ownSubscription.poll(guarded, FRAGMENTS_A_POLL));
    }
  }

  /** Keeps no fragments of a message that does not begin as one of the session. */
  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    boolean begins =
        (header.flags() & FrameDescriptor.BEGIN_FRAG_FLAG) == FrameDescriptor.BEGIN_FRAG_FLAG;
    try {
      if (begins) {
        envelope.check(buffer, offset, length);
      }
      messageHandler.onFragment(buffer, offset, length, header);
    } catch (RuntimeException e) {
      drop(length, e);
    }
  }

  private void process() {
    while (open) {
      try {
        internalProcessMessage(received.take());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("A message of the parameter server failed and is dropped: {}", e.toString());
      }
    }
  }

  /** DL4J's takes memory by what the first part of a message says of it, for as many as begin. */
  @Override
  protected void internalProcessMessage(VoidMessage message) {
    if (message instanceof VoidChunk part) {
      assembly.add(part).ifPresent(this::deliver);
    } else {
      super.internalProcessMessage(message);
    }
  }

  private void deliver(GradientsUpdateMessage update) {
    try (INDArray words = update.getPayload()) {
      super.internalProcessMessage(update);
    }
  }

  @Override
  protected void jointMessageHandler(DirectBuffer buffer, int offset, int length, Header header) {
    try {
      String sender = members.get(envelope.check(buffer, offset, length)).id();
      VoidMessage message = VoidMessage.fromBytes(envelope.open(buffer, offset, length));
      check(message, sender);
      addConnection(sender);
      received.add(message);
    } catch (RuntimeException e) {
      drop(length, e);
    }
  }

  private void drop(int length, RuntimeException e) {
    LOG.warn(
        "{} bytes on UDP port {} are no message, and are dropped: {}", length, id(), reason(e));
  }

  /** What an exception says, or one that caused it; its class if it says nothing. */
  static String reason(Throwable e) {
    if (e.getCause() != null) {
      return reason(e.getCause());
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void check(VoidMessage message, String sender) {
    if (message == null || !sender.equals(message.getOriginatorId())) {
      throw new IllegalArgumentException("they say to be of %s, and are not".formatted(sender));
    }
    if (message instanceof VoidChunk part) {
      parts.check(part);
    }
  }

  /** Tries until the other has opened its port; DL4J's gives up after 10 s. */
  @Override
  protected void addConnection(String id) {
    synchronized (connecting) {
      if (!remoteConnections.containsKey(id)) {
        Publication publication = aeron.addPublication(id, voidConfiguration.getStreamId());
        await(publication::isConnected, "%s has not opened its port for %s", id);
        remoteConnections.put(id, RemoteConnection.builder().publication(publication).build());
      }
    }
  }

  /**
   * DL4J's never ends where the other takes nothing, and drops a message on a closed connection.
   */
  @Override
  public void sendMessage(VoidMessage message, String id) {
    if (message.getOriginatorId() == null) {
      message.setOriginatorId(id());
    }
    if (message instanceof RequestMessage request && request.getRequestId() == null) {
      request.setRequestId(UUID.randomUUID().toString());
    }
    if (id.equals(id())) {
      processMessage(message);
      return;
    }
    send(enveloped(message), id);
  }

  private DirectBuffer enveloped(VoidMessage message) {
    return envelope.around(own, SerializationUtils.toByteArray(message));
  }

  private void send(DirectBuffer message, String id) {
    Publication publication = remoteConnections.get(id).getPublication();
    await(() -> isTaken(publication.offer(message), id), "%s has taken nothing from %s", id);
  }

  private static boolean isTaken(long result, String id) {
    if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
      throw new PeerLost("The connection to %s is closed.".formatted(id));
    }
    return result > 0;
  }

  // DL4J's signature.
  @SuppressWarnings("TypeParameterUnusedInFormals")
  @Override
  public <T extends ResponseMessage> T sendMessageBlocking(RequestMessage message, String id) {
    sendMessage(message, id);
    String request = message.getRequestId();
    await(() -> replies.containsKey(request), "%s has not answered the handshake of %s", id);
    @SuppressWarnings("unchecked") // What is sent back for a request is of its own response type.
    T answer = (T) replies.remove(request);
    return answer;
  }

  private void await(BooleanSupplier done, String otherwise, String id) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!done.getAsBoolean()) {
      if (Thread.currentThread().isInterrupted() || !open) {
        throw new PeerLost("What waited for %s was given up.".formatted(id));
      }
      if (System.nanoTime() > deadline) {
        throw new PeerLost((otherwise + " within %d s.").formatted(id, id(), patience.toSeconds()));
      }
      LockSupport.parkNanos(LOOK_NS);
    }
  }

  /**
   * Sends to the server, or from it to all others, on the caller's thread, which so learns of a
   * failure.
   */
  @Override
  protected void propagateArrayMessage(INDArrayMessage message, PropagationMode mode) {
    List<String> receivers =
        masterMode
            ? mesh.get().getDownstreamsForNode(id()).stream()
                .map(MeshOrganizer.Node::getId)
                .toList()
            : List.of(rootId);
    for (VoidChunk part : parts.of(message)) {
      part.setOriginatorId(id());
      DirectBuffer bytes = enveloped(part);
      receivers.forEach(receiver -> send(bytes, receiver));
    }
  }

  @Override
  protected void propagateBroadcastableMessage(BroadcastableMessage message, PropagationMode mode) {
    historyHolder.storeIfUnknownMessageId(message.getMessageId());
  }

  @Override
  public void onMeshUpdate(MeshOrganizer update) {
    numerOfNodes.set((int) update.totalNodes());
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  /** Also after a handshake that was not answered, before which a client does not subscribe. */
  @Override
  protected void shutdownSilent() {
    open = false;
    threads.forEach(Thread::interrupt);
    awaitThreads();
    messagesExecutorService.shutdownNow();
    executorService.shutdownNow();
    // Closes the subscription and all publications with it.
    CloseHelper.closeAll(aeron, driver);
    forget();
  }

  /** What they read from is unmapped when Aeron is closed. */
  private void awaitThreads() {
    try {
      for (Thread thread : threads) {
        thread.join(THREAD_END_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** DL4J's hook for the end of the process keeps every transport until then. */
  private void forget() {
    ownSubscription = null;
    messageHandler = null;
    aeron = null;
    context = null;
    driver = null;
    splitter = null;
    historyHolder = null;
    remoteConnections.clear();
    interceptors.clear();
    precursors.clear();
    consumers.clear();
    received.clear();
  }
}
