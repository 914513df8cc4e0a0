package flowmatching.parameterserver;

import flowmatching.unet.NetworkState;
import java.util.Iterator;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A partition's minibatches. The first two questions whether there is one start the round on the
 * replicas of this JVM, if they exist: DL4J asks on the task's thread before it makes or sets up
 * its networks, and again after that, before it trains. What it sets in between, such as the step
 * to begin with, is undone by the second.
 */
final class RoundIterator implements Iterator<MultiDataSet> {
  private static final int QUESTIONS_BEFORE_TRAINING = 2;

  private final Iterator<MultiDataSet> minibatches;
  private final int trainingMaster;
  private final Broadcast<NetworkState> start;
  private final StepSums sums;
  private final ReplicaLayout layout;
  private int questions;
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
    if (questions < QUESTIONS_BEFORE_TRAINING) {
      questions++;
      Replicas replicas = Replicas.of(trainingMaster);
      if (started) {
        replicas.set(start.value());
      } else if (replicas.exist()) {
        replicas.start(start.value(), new StepListener(sums), layout);
        started = true;
      }
    }
    return minibatches.hasNext();
  }

  @Override
  public MultiDataSet next() {
    return minibatches.next();
  }
}
