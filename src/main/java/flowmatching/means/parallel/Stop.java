package flowmatching.means.parallel;

import flowmatching.means.cluster.PeerLost;
import org.apache.spark.TaskContext;

/** Whether Spark wants the task to end: it says so, and leaves it to the task to look. */
record Stop(TaskContext context) {
  boolean isWanted() {
    return context.isInterrupted();
  }

  /**
   * Ends the step of a replica that is to stop.
   *
   * @throws PeerLost where it is
   */
  void check() {
    if (isWanted()) {
      throw new PeerLost("The round was given up.");
    }
  }
}
