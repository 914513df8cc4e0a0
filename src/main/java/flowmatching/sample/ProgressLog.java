package flowmatching.sample;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says how far a run is, when a task has ended and some seconds have passed since it last did. */
final class ProgressLog extends SparkListener {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressLog.class);
  private static final double PAUSE_SECONDS = 5;

  private final LongAccumulator made;
  private final long toMake;
  private final long start = System.nanoTime();
  private double lastSaid;

  /**
   * @param made images so far
   * @param toMake images in all
   */
  ProgressLog(LongAccumulator made, long toMake) {
    this.made = made;
    this.toMake = toMake;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    var seconds = seconds();
    // A repeated task counts its images again.
    var done = Math.min(made.value(), toMake);
    if (done > 0 && seconds - lastSaid >= PAUSE_SECONDS) {
      lastSaid = seconds;
      LOG.info(
          "{} of {} images, {} images/s, {} s left",
          done,
          toMake,
          "%.1f".formatted(done / seconds),
          Math.round(seconds / done * (toMake - done)));
    }
  }

  double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }
}
