package flowmatching.means.parameterserver;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Polls for messages often while a replica of the process waits for an exchange, and seldom while
 * the replicas compute, because polling takes processor time from them: Aeron's own strategy takes
 * some percent of a core. After a message it polls at once.
 */
// Public because Aeron creates it by its name.
public final class OnDemandIdleStrategy implements IdleStrategy {
  private static final long SPINS = 10;
  private static final long YIELDS = 20;
  private static final long LEAST_PARK_NS = TimeUnit.MICROSECONDS.toNanos(1);
  private static final long LONGEST_PARK_IN_DEMAND_NS = TimeUnit.MICROSECONDS.toNanos(200);

  /** Short enough for the socket's buffer to hold all that others send meanwhile. */
  private static final long LONGEST_PARK_NS = TimeUnit.MILLISECONDS.toNanos(5);

  private final IdleStrategy inDemand = backoff(LONGEST_PARK_IN_DEMAND_NS);
  private final IdleStrategy withoutDemand = backoff(LONGEST_PARK_NS);
  private volatile Thread thread;
  private volatile boolean demanded = true;

  private static IdleStrategy backoff(long longestParkNs) {
    return new BackoffIdleStrategy(SPINS, YIELDS, LEAST_PARK_NS, longestParkNs);
  }

  /** Sets whether a replica is in an exchange, as is assumed at first. */
  void demand(boolean demand) {
    demanded = demand;
    if (demand) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void idle(int workCount) {
    if (workCount > 0) {
      reset();
    } else {
      idle();
    }
  }

  @Override
  public void idle() {
    thread = Thread.currentThread();
    if (demanded) {
      withoutDemand.reset();
      inDemand.idle();
    } else {
      inDemand.reset();
      withoutDemand.idle();
    }
  }

  @Override
  public void reset() {
    inDemand.reset();
    withoutDemand.reset();
  }
}
