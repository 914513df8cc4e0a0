package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;
import java.util.Iterator;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A partition's minibatches. Until the first is taken, the task's questions whether there is one
 * bring the replicas of this JVM to the start of the round: DL4J asks once before it makes its
 * networks, and once when it has set them up for a fit. A thread that fetches ahead asks as well,
 * when they may be at work.
 */
final class RoundIterator implements Iterator<MultiDataSet> {
  private final Iterator<MultiDataSet> minibatches;
  private final int trainingMaster;
  private final Broadcast<NetworkState> start;
  private final StepSums sums;
  private final ReplicaLayout layout;
  private final Thread taskThread = Thread.currentThread();
  private boolean training;

  RoundIterator(
      Iterator<MultiDataSet> minibatches,
      int trainingMaster,
      Broadcast<NetworkState> start,
      StepSums sums,
      ReplicaLayout layout) {
    this.minibatches = minibatches;
    this.trainingMaster = trainingMaster;
    this.start = start;
    this.sums = sums;
    this.layout = layout;
  }

  @Override
  public boolean hasNext() {
    Replicas replicas = Replicas.of(trainingMaster);
    if (!training && Thread.currentThread() == taskThread && replicas.exist()) {
      replicas.start(start.value(), new StepListener(sums), layout);
    }
    return minibatches.hasNext();
  }

  @Override
  public MultiDataSet next() {
    training = true;
    return minibatches.next();
  }
}
