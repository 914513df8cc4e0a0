package flowmatching.means.parameterserver;

import flowmatching.means.cluster.PeerLost;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.apache.commons.lang3.exception.ExceptionUtils;
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
 * DL4J's transport over UDP, made safe to run for long and to shut down:
 *
 * <ul>
 *   <li>it accepts {@linkplain Envelope messages of members} only;
 *   <li>every wait for another member {@linkplain Patience is bounded}, and a failure to send is
 *       thrown to the caller;
 *   <li>members do not relay updates, because the server sends the sum to all;
 *   <li>a late answer removes no member (DL4J's heartbeat allows 100 ms);
 *   <li>a member connects to the server only, because each connection takes shared memory;
 *   <li>its {@linkplain TransportThreads threads} end with it.
 * </ul>
 */
// DL4J declares that close() throws any exception; the server calls shutdown(), never close().
@SuppressWarnings("try")
final class GuardedTransport extends AeronUdpTransport {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedTransport.class);
  private static final int FRAGMENTS_PER_POLL = 1024;

  private final MessageParts parts;
  private final Session session;
  private final Envelope envelope;
  private final Patience patience;
  private final TransportThreads threads = new TransportThreads();
  private final LinkedBlockingQueue<VoidMessage> received = new LinkedBlockingQueue<>();
  private final Object connecting = new Object();
  private final OnDemandIdleStrategy receiverIdling = new OnDemandIdleStrategy();
  private final IdleStrategy driverIdling;
  private volatile boolean open = true;

  GuardedTransport(Session session, VoidConfiguration configuration) {
    super(
        session.receiver().uriHost(),
        session.receiver().port(),
        session.server().uriHost(),
        session.server().port(),
        configuration);
    this.parts = new MessageParts(configuration.getMaxChunkSize(), Update.mostBytes(session));
    this.session = session;
    int mostBytes = Envelope.mostBytes(session.members().size());
    this.envelope = new Envelope(session.id(), session.senders(), mostBytes);
    this.patience = new Patience(session.receiver().id(), session.patienceS(), () -> open);
    this.driverIdling = driver.context().sharedIdleStrategy();
  }

  /** Starts the server without DL4J's heartbeat. */
  @Override
  public synchronized void launchAsMaster() {
    mesh.get().getRootNode().setId(id());
    createSubscription();
    launch();
  }

  /** Receives on threads that can be stopped; DL4J's never end. */
  @Override
  protected void createSubscription() {
    ownSubscription = aeron.addSubscription(id(), voidConfiguration.getStreamId());
    messageHandler = new FragmentAssembler(this::jointMessageHandler);
    threads.start("receiver", this::receive);
    threads.start("messages", this::process);
  }

  /**
   * Sets whether a replica is in an exchange, as is assumed at first. Without demand the threads
   * poll less often, and messages that are left to be sent still go out.
   */
  void demand(boolean demand) {
    receiverIdling.demand(demand);
    // The user may have set another strategy for Aeron.
    if (driverIdling instanceof OnDemandIdleStrategy onDemand) {
      onDemand.demand(demand);
    }
  }

  private void receive() {
    FragmentHandler guarded = this::onFragment;
    while (open) {
      receiverIdling.idle(ownSubscription.poll(guarded, FRAGMENTS_PER_POLL));
    }
  }

  private void onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    try {
      // Aeron keeps no fragment of a stranger's message.
      if ((header.flags() & FrameDescriptor.BEGIN_FRAG_FLAG) != 0) {
        envelope.check(buffer, offset, length);
      }
      messageHandler.onFragment(buffer, offset, length, header);
    } catch (RuntimeException e) {
      drop(length, e);
    }
  }

  @Override
  protected void jointMessageHandler(DirectBuffer buffer, int offset, int length, Header header) {
    try {
      String sender = session.members().get(envelope.check(buffer, offset, length)).id();
      VoidMessage message = VoidMessage.fromBytes(envelope.open(buffer, offset, length));
      String originator = message == null ? null : message.getOriginatorId();
      if (!sender.equals(originator)) {
        throw new IllegalArgumentException(
            "the originator is %s, and the sender is %s".formatted(originator, sender));
      }
      if (message instanceof VoidChunk part) {
        parts.check(part);
      }
      addConnection(originator);
      received.add(message);
    } catch (RuntimeException e) {
      drop(length, e);
    }
  }

  private void drop(int length, RuntimeException e) {
    LOG.warn("Dropping {} bytes received on UDP port {}: {}", length, id(), reason(e));
  }

  /** The message of the root cause, or its class if it has none. */
  static String reason(Throwable e) {
    Throwable root = ExceptionUtils.getRootCause(e);
    return Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName());
  }

  private void process() {
    while (open) {
      try {
        internalProcessMessage(received.take());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("Dropping a message of the parameter server that failed: {}", e.toString());
      }
    }
  }

  /** Assembles parts in bounded memory; DL4J allocates whatever size the first part names. */
  @Override
  protected void internalProcessMessage(VoidMessage message) {
    if (message instanceof VoidChunk part) {
      parts.add(part).ifPresent(this::deliver);
    } else {
      super.internalProcessMessage(message);
    }
  }

  private void deliver(GradientsUpdateMessage update) {
    try (INDArray words = update.getPayload()) {
      super.internalProcessMessage(update);
    }
  }

  /** Waits until the other member has opened its port; DL4J gives up after 10 s. */
  @Override
  protected void addConnection(String id) {
    synchronized (connecting) {
      if (!remoteConnections.containsKey(id)) {
        Publication publication = aeron.addPublication(id, voidConfiguration.getStreamId());
        patience.await(publication::isConnected, "%s did not open its port for %s", id);
        remoteConnections.put(id, RemoteConnection.builder().publication(publication).build());
      }
    }
  }

  /** Waits a bounded time; DL4J waits without bound and drops messages for closed connections. */
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
    send(write(message), id);
  }

  private DirectBuffer write(VoidMessage message) {
    return envelope.around(session.own(), SerializationUtils.toByteArray(message));
  }

  private void send(DirectBuffer message, String id) {
    Publication publication = remoteConnections.get(id).getPublication();
    BooleanSupplier accepted =
        () -> {
          long result = publication.offer(message);
          if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
            throw new PeerLost("The connection to %s is closed.".formatted(id));
          }
          return result > 0;
        };
    patience.await(accepted, "%s accepted no message from %s", id);
  }

  // DL4J's signature.
  @SuppressWarnings("TypeParameterUnusedInFormals")
  @Override
  public <T extends ResponseMessage> T sendMessageBlocking(RequestMessage message, String id) {
    sendMessage(message, id);
    String request = message.getRequestId();
    patience.await(() -> replies.containsKey(request), "%s did not answer the handshake of %s", id);
    @SuppressWarnings("unchecked") // A request is answered by its own type of response.
    T answer = (T) replies.remove(request);
    return answer;
  }

  /** Sends to the server, or from it to all others, on the caller's thread. */
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
      DirectBuffer bytes = write(part);
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

  /** Also stops a client whose handshake was not answered, and which has no subscription yet. */
  @Override
  protected void shutdownSilent() {
    open = false;
    threads.stop();
    messagesExecutorService.shutdownNow();
    executorService.shutdownNow();
    // Closes the subscription and all publications with it.
    CloseHelper.closeAll(aeron, driver);
    // DL4J's shutdown hook refers to every transport until the process ends.
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
