package flowmatching.means.parameterserver;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * How a thread that carries messages waits for the next. Where a replica of its process waits too,
 * it looks again soon; while they compute, it looks seldom, since each look takes the processor
 * from them: Aeron's own strategy takes some percent of a core. While messages flow, it looks at
 * once.
 */
// Public, since Aeron makes it from its name.
public final class OnDemandIdleStrategy implements IdleStrategy {
  private static final long SPINS = 10;
  private static final long YIELDS = 20;
  private static final long LEAST_PARK_NS = TimeUnit.MICROSECONDS.toNanos(1);
  private static final long LONGEST_PARK_IN_DEMAND_NS = TimeUnit.MICROSECONDS.toNanos(200);

  /** So short that what others send meanwhile has room in the socket's buffer. */
  private static final long LONGEST_PARK_NS = TimeUnit.MILLISECONDS.toNanos(5);

  private final IdleStrategy inDemand = backoff(LONGEST_PARK_IN_DEMAND_NS);
  private final IdleStrategy resting = backoff(LONGEST_PARK_NS);
  private volatile Thread thread;
  private volatile boolean demanded = true;

  private static IdleStrategy backoff(long longestParkNs) {
    return new BackoffIdleStrategy(SPINS, YIELDS, LEAST_PARK_NS, longestParkNs);
  }

  /** Says whether a replica is in an exchange; so it is at first. */
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
      resting.reset();
      inDemand.idle();
    } else {
      inDemand.reset();
      resting.idle();
    }
  }

  @Override
  public void reset() {
    inDemand.reset();
    resting.reset();
  }
}
