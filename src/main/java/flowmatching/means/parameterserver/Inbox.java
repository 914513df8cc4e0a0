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
 * The received updates of the current step. It accepts one update per sender of the session and
 * drops all others with a warning.
 */
final class Inbox extends AbstractUpdatesHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  private static final int POLL_MS = 200;

  private final UUID session;
  private final Set<Integer> senders;
  private final Map<Integer, byte[]> bodies = new HashMap<>();
  private int step;

  Inbox(UUID session, Set<Integer> senders) {
    this.session = session;
    this.senders = Set.copyOf(senders);
  }

  /** Receives an update from the network, on a thread of DL4J. */
  @Override
  public void onNext(INDArray words) {
    try {
      if (words.dataType() != DataType.INT64) {
        throw new IllegalArgumentException("it is an array of " + words.dataType());
      }
      put(Update.of(words.toLongVector()));
    } catch (RuntimeException e) {
      LOG.warn(
          "Dropping a message received on the UDP port that is not a valid update: {}",
          e.getMessage());
    }
  }

  /** DL4J asks for them if a process rejoins, which none does here. */
  @Override
  public INDArray getParametersArray() {
    return null;
  }

  private synchronized void put(Update update) {
    if (!update.session().equals(session) || !senders.contains(update.sender())) {
      throw new IllegalArgumentException(
          "it is of session %s and sender %d".formatted(update.session(), update.sender()));
    }
    if (update.step() == step && bodies.putIfAbsent(update.sender(), update.body()) == null) {
      notifyAll();
    } else {
      throw new IllegalArgumentException(
          "it is of step %d, and the current step is %d".formatted(update.step(), step));
    }
  }

  /**
   * Waits for the updates of a step from all senders, and makes room for those of the next.
   *
   * @param stopped whether to give up, called while this waits
   * @return the body of each sender's update
   * @throws PeerLost if updates are missing, with their senders
   */
  synchronized Map<Integer, byte[]> take(int current, int patienceS, BooleanSupplier stopped) {
    long deadline = System.nanoTime() + patienceS * 1_000_000_000L;
    while (bodies.size() < senders.size()) {
      if (stopped.getAsBoolean()) {
        throw new PeerLost("The round was cancelled in step %d.".formatted(current));
      }
      if (System.nanoTime() > deadline) {
        Set<Integer> missing = new TreeSet<>(senders);
        missing.removeAll(bodies.keySet());
        throw new PeerLost(
            "No update of step %d arrived within %d s from process %s of the session; updates from %s arrived."
                .formatted(current, patienceS, missing, new TreeSet<>(bodies.keySet())));
      }
      try {
        wait(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PeerLost(
            "The wait for the updates of step %d was interrupted.".formatted(current), e);
      }
    }
    Map<Integer, byte[]> taken = Map.copyOf(bodies);
    bodies.clear();
    step = current + 1;
    return taken;
  }
}
