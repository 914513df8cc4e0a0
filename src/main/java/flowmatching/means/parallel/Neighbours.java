package flowmatching.means.parallel;

import flowmatching.means.cluster.PeerLost;
import flowmatching.means.parameterserver.UpdateServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The replicas of one process. In each step their gradients become one sum, in full precision,
 * which is brought to the other processes once and then given to each of them.
 */
final class Neighbours {
  /** Spark makes each task's objects anew, so that those of a process meet here. */
  private static final Map<String, Neighbours> MET = new ConcurrentHashMap<>();

  /** How often a waiting replica looks whether it is to stop, in milliseconds. */
  private static final int LOOK_MS = 200;

  private final float[][] gradients;

  /** Of this step and of the one before, which some may still be reading. */
  private final float[][] sums = new float[2][];

  private final int patienceS;
  private UpdateServer otherProcesses;
  private int arrived;
  private int done;
  private int left;

  private Neighbours(int size, int patienceS) {
    this.gradients = new float[size][];
    this.patienceS = patienceS;
  }

  /**
   * The neighbours of a round.
   *
   * @param round that no other has the name of
   * @param patienceS seconds that one waits for another at most
   */
  static Neighbours join(String round, int size, int patienceS) {
    return MET.computeIfAbsent(round, key -> new Neighbours(size, patienceS));
  }

  /**
   * Says that a replica asks for no more sums: the round is over, or it has failed.
   *
   * @param round that they have joined
   */
  void leave(String round) {
    MET.remove(round);
    synchronized (this) {
      left++;
      notifyAll();
    }
  }

  /** Before the first step: how to sum with other processes. */
  synchronized void connect(UpdateServer server) {
    otherProcesses = server;
  }

  /**
   * Makes a replica's gradient the sum over all replicas of the round.
   *
   * @param place of the replica among its neighbours
   * @param last whether this is the round's last step
   * @param stop whether the round was given up, asked while the replica waits
   * @return nanoseconds that the replica waited for its neighbours
   * @throws PeerLost where a neighbour or another process does not come
   */
  long sum(int place, float[] gradient, boolean last, Stop stop) {
    float[] sum;
    long waited = 0;
    synchronized (this) {
      int step = done;
      checkAllAreHere(step);
      gradients[place] = gradient;
      arrived++;
      if (arrived == gradients.length) {
        add(step, last, stop);
        arrived = 0;
        done++;
        notifyAll();
      } else {
        waited = awaitSum(step, stop);
      }
      sum = gradients.length == 1 ? gradient : sums[step % 2];
    }
    if (sum != gradient) {
      System.arraycopy(sum, 0, gradient, 0, sum.length);
    }
    return waited;
  }

  private void add(int step, boolean last, Stop stop) {
    float[] sum = sumOfNeighbours(step);
    if (otherProcesses != null) {
      otherProcesses.sum(sum, step, last, stop::isWanted);
    }
  }

  private float[] sumOfNeighbours(int step) {
    if (gradients.length == 1) {
      return gradients[0];
    }
    if (sums[step % 2] == null) {
      sums[step % 2] = new float[gradients[0].length];
    }
    float[] sum = sums[step % 2];
    System.arraycopy(gradients[0], 0, sum, 0, sum.length);
    for (int place = 1; place < gradients.length; place++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += gradients[place][i];
      }
    }
    return sum;
  }

  /** Whoever leaves before the last step has failed. */
  private void checkAllAreHere(int step) {
    if (left > 0) {
      throw new PeerLost(
          "%d of the %d replicas of this process have left the round in step %d."
              .formatted(left, gradients.length, step));
    }
  }

  private long awaitSum(int step, Stop stop) {
    long start = System.nanoTime();
    while (done == step) {
      stop.check();
      checkAllAreHere(step);
      if (System.nanoTime() - start > patienceS * 1_000_000_000L) {
        throw new PeerLost(
            "Step %d has %d of the %d replicas of its process, and no other came within %d s."
                .formatted(step, arrived, gradients.length, patienceS));
      }
      try {
        wait(LOOK_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PeerLost("Step %d was interrupted.".formatted(step), e);
      }
    }
    return System.nanoTime() - start;
  }
}
