package flowmatching.parallel;

import flowmatching.parameterserver.PeerLost;
import flowmatching.parameterserver.UpdateServer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The replicas of one process. In each step their gradients become one sum, in full precision,
 * which is brought to the other processes once and then given to each of them.
 */
final class Neighbours {
  /** Spark makes each task's objects anew, so that those of a process meet here. */
  private static final Map<String, Neighbours> MET = new ConcurrentHashMap<>();

  /** How often a waiting replica looks whether it is to stop, in milliseconds. */
  private static final int LOOK_MS = 200;

  private final INDArray[] gradients;

  /** Of this step and of the one before, which some may still be reading. */
  private final INDArray[] sums = new INDArray[2];

  private final int patienceS;
  private UpdateServer otherProcesses;
  private int arrived;
  private int done;
  private int left;

  private Neighbours(int size, int patienceS) {
    this.gradients = new INDArray[size];
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
   * Says that a replica asks for no more sums: the round is over, or it has failed. The last to
   * leave frees what they shared.
   *
   * @param round that they have joined
   */
  void leave(String round) {
    MET.remove(round);
    synchronized (this) {
      left++;
      notifyAll();
      if (left == gradients.length) {
        Stream.of(sums).filter(Objects::nonNull).forEach(INDArray::close);
      }
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
  long sum(int place, INDArray gradient, boolean last, Stop stop) {
    INDArray sum;
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
      gradient.assign(sum);
    }
    return waited;
  }

  private void add(int step, boolean last, Stop stop) {
    INDArray sum = sumOfNeighbours(step);
    if (otherProcesses != null) {
      float[] values = sum.toFloatVector();
      otherProcesses.sum(values, step, last, stop::isWanted);
      try (INDArray total = Nd4j.createFromArray(values)) {
        sum.assign(total.reshape(sum.shape()));
      }
    }
  }

  private INDArray sumOfNeighbours(int step) {
    if (gradients.length == 1) {
      return gradients[0];
    }
    if (sums[step % 2] == null) {
      sums[step % 2] = gradients[0].ulike();
    }
    INDArray sum = sums[step % 2].assign(gradients[0]);
    for (int place = 1; place < gradients.length; place++) {
      sum.addi(gradients[place]);
    }
    return sum;
  }

  /** Whoever leaves before the last step has failed, and frees the gradient that it has brought. */
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
