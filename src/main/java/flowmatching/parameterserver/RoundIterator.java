package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;
import java.util.Iterator;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A partition's minibatches. Asking whether there is one starts the round on the replicas of this
 * JVM as soon as they exist: DL4J asks on the task's thread before it makes its networks and, if it
 * just made them, again before it trains.
 */
final class RoundIterator implements Iterator<MultiDataSet> {
  private final Iterator<MultiDataSet> minibatches;
  private final int trainingMaster;
  private final Broadcast<NetworkState> start;
  private final StepSums sums;
  private final ReplicaLayout layout;
  private boolean started;

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
    if (!started && replicas.exist()) {
      replicas.start(start.value(), new StepListener(sums), layout);
      started = true;
    }
    return minibatches.hasNext();
  }

  @Override
  public MultiDataSet next() {
    return minibatches.next();
  }
}
