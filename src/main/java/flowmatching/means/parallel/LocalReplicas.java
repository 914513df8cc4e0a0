package flowmatching.means.parallel;

import flowmatching.means.cluster.PeerLost;
import flowmatching.means.parameterserver.UpdateServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;

/**
 * The replicas of a round in one process. In each step they add their gradients in full precision;
 * one of them exchanges the sum with the other processes for all.
 */
final class LocalReplicas {
  /** Spark creates the objects of each task separately; the replicas of a process meet here. */
  private static final Map<String, LocalReplicas> BY_ROUND = new ConcurrentHashMap<>();

  private static final int POLL_MS = 200;

  private final float[][] gradients;

  /** Of this step and of the previous one, which some replicas may still be reading. */
  private final float[][] sums = new float[2][];

  private final int patienceS;
  private UpdateServer otherProcesses;
  private int arrived;
  private int stepsDone;
  private int left;

  private LocalReplicas(int size, int patienceS) {
    this.gradients = new float[size][];
    this.patienceS = patienceS;
  }

  /**
   * Joins the replicas of a round in this process.
   *
   * @param round unique name of the round
   * @param size number of replicas in this process
   */
  static LocalReplicas join(String round, int size, int patienceS) {
    return BY_ROUND.computeIfAbsent(round, key -> new LocalReplicas(size, patienceS));
  }

  /** Called by each replica after its last sum, or when it has failed. */
  void leave(String round) {
    BY_ROUND.remove(round);
    synchronized (this) {
      left++;
      notifyAll();
    }
  }

  /** Sets the exchange with other processes, before the first step. */
  synchronized void connect(UpdateServer server) {
    otherProcesses = server;
  }

  /**
   * Replaces a replica's gradient by the sum over all replicas of the round.
   *
   * @param index of the replica among the replicas of this process
   * @param task in which the replica trains, which Spark may cancel
   * @return nanoseconds that the replica waited for others of this process
   * @throws PeerLost if another replica or process does not come
   */
  long sum(int index, float[] gradient, boolean last, TaskContext task) {
    float[] sum;
    long waited = 0;
    synchronized (this) {
      int step = stepsDone;
      checkNoneHasLeft(step);
      gradients[index] = gradient;
      arrived++;
      if (arrived == gradients.length) {
        float[] local = localSum(step);
        if (otherProcesses != null) {
          otherProcesses.sum(local, step, last, task::isInterrupted);
        }
        arrived = 0;
        stepsDone++;
        notifyAll();
      } else {
        waited = awaitSum(step, task);
      }
      sum = gradients.length == 1 ? gradient : sums[step % 2];
    }
    if (sum != gradient) {
      System.arraycopy(sum, 0, gradient, 0, sum.length);
    }
    return waited;
  }

  private float[] localSum(int step) {
    if (gradients.length == 1) {
      return gradients[0];
    }
    if (sums[step % 2] == null) {
      sums[step % 2] = new float[gradients[0].length];
    }
    float[] sum = sums[step % 2];
    System.arraycopy(gradients[0], 0, sum, 0, sum.length);
    for (int replica = 1; replica < gradients.length; replica++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += gradients[replica][i];
      }
    }
    return sum;
  }

  /** A replica that leaves before the last step has failed. */
  private void checkNoneHasLeft(int step) {
    if (left > 0) {
      throw new PeerLost(
          "%d of the %d replicas of this process have left the round in step %d."
              .formatted(left, gradients.length, step));
    }
  }

  private long awaitSum(int step, TaskContext task) {
    long start = System.nanoTime();
    while (stepsDone == step) {
      ReplicaSteps.checkNotCancelled(task);
      checkNoneHasLeft(step);
      if (System.nanoTime() - start > patienceS * 1_000_000_000L) {
        throw new PeerLost(
            "Step %d has %d of the %d replicas of its process, and no other came within %d s."
                .formatted(step, arrived, gradients.length, patienceS));
      }
      try {
        wait(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PeerLost("Step %d was interrupted.".formatted(step), e);
      }
    }
    return System.nanoTime() - start;
  }
}
