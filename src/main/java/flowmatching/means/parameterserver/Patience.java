package flowmatching.means.parameterserver;

import flowmatching.means.cluster.PeerLost;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Bounded waits for other members; DL4J's own waits never end if a member stops answering.
 *
 * @param own id of this process
 * @param seconds that one wait may take
 * @param open whether the transport is open; every wait ends when it is shut down
 */
record Patience(String own, int seconds, BooleanSupplier open) {
  private static final int POLL_NS = 100_000;

  /**
   * Waits until a condition holds.
   *
   * @param failure what the other member failed to do; a format with its id and this process's
   * @param other id of the other member
   * @throws PeerLost if the time is over, the thread is interrupted or the transport is shut down
   */
  void await(BooleanSupplier done, String failure, String other) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!done.getAsBoolean()) {
      if (Thread.currentThread().isInterrupted() || !open.getAsBoolean()) {
        throw new PeerLost("The wait for %s was cancelled.".formatted(other));
      }
      if (System.nanoTime() > deadline) {
        throw new PeerLost((failure + " within %d s.").formatted(other, own, seconds));
      }
      LockSupport.parkNanos(POLL_NS);
    }
  }
}
