package flowmatching.means.parameterserver;

import flowmatching.means.cluster.PeerLost;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.parameterserver.distributed.v2.util.AbstractUpdatesHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The updates that a process has received and not yet used. It takes those of its own session, of
 * the steps that can be under way, and one of a sender; all else is dropped with a warning.
 */
final class Inbox extends AbstractUpdatesHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

  /** How often a waiting replica looks whether it is to stop, in milliseconds. */
  private static final int LOOK_MS = 200;

  private final UUID session;
  private final Set<Integer> senders;
  private final Map<Integer, byte[]> bodies = new HashMap<>();
  private int step;

  /** An inbox for what these members of a session send. */
  Inbox(UUID session, Set<Integer> senders) {
    this.session = session;
    this.senders = Set.copyOf(senders);
  }

  /** DL4J's threads bring what comes from the network. */
  @Override
  public void onNext(INDArray words) {
    try {
      if (words.dataType() != DataType.INT64) {
        throw new IllegalArgumentException("it is an array of " + words.dataType());
      }
      put(Update.of(words.toLongVector()));
    } catch (RuntimeException e) {
      LOG.warn("A message on the UDP port is no update, and is dropped: {}", e.getMessage());
    }
  }

  /** DL4J asks for them only where a process comes back, which it does not here. */
  @Override
  public INDArray getParametersArray() {
    return null;
  }

  synchronized void put(Update update) {
    if (!update.session().equals(session) || !senders.contains(update.sender())) {
      throw new IllegalArgumentException(
          "it is of session %s and sender %d".formatted(update.session(), update.sender()));
    }
    if (update.step() == step && bodies.putIfAbsent(update.sender(), update.body()) == null) {
      notifyAll();
    } else {
      throw new IllegalArgumentException(
          "it is of step %d, and step %d is under way".formatted(update.step(), step));
    }
  }

  /**
   * Waits for the updates of a step from all senders, and makes place for those of the next.
   *
   * @param patienceS seconds to wait at most
   * @param stopped whether the wait has become useless
   * @return the senders' updates
   * @throws PeerLost where some do not come, with who has and who has not
   */
  synchronized Map<Integer, byte[]> take(int wanted, int patienceS, BooleanSupplier stopped) {
    long deadline = System.nanoTime() + patienceS * 1_000_000_000L;
    while (bodies.size() < senders.size()) {
      if (stopped.getAsBoolean()) {
        throw new PeerLost("The round was given up in step %d.".formatted(wanted));
      }
      if (System.nanoTime() > deadline) {
        Set<Integer> missing = new TreeSet<>(senders);
        missing.removeAll(bodies.keySet());
        throw new PeerLost(
            "No update of step %d came within %d s from process %s of the session; those from %s came."
                .formatted(wanted, patienceS, missing, new TreeSet<>(bodies.keySet())));
      }
      try {
        wait(LOOK_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PeerLost(
            "The wait for the updates of step %d was interrupted.".formatted(wanted), e);
      }
    }
    Map<Integer, byte[]> taken = Map.copyOf(bodies);
    bodies.clear();
    step = wanted + 1;
    return taken;
  }
}
