package flowmatching.means.parallel;

import flowmatching.means.cluster.PeerLost;
import org.apache.spark.TaskContext;

/** Whether Spark has cancelled the task, which must check for that itself. */
record Stop(TaskContext context) {
  boolean isWanted() {
    return context.isInterrupted();
  }

  /**
   * Ends the step if Spark has cancelled the task.
   *
   * @throws PeerLost if it is cancelled
   */
  void check() {
    if (isWanted()) {
      throw new PeerLost("The round was cancelled.");
    }
  }
}
