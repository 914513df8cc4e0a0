package flowmatching.sample;

import flowmatching.progress.TaskSums;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how far a run is, when images have been made and some seconds have passed since it last did.
 */
final class ProgressLog {
  /** The accumulator that counts them. */
  static final String IMAGES = "images made";

  private static final Logger LOG = LoggerFactory.getLogger(ProgressLog.class);
  private static final double PAUSE_SECONDS = 5;

  private final long toMake;
  private final LongSupplier nanoTime;
  private final long start;
  private double lastSaid;

  /**
   * Begins now.
   *
   * @param toMake images in all
   */
  ProgressLog(long toMake) {
    this(toMake, System::nanoTime);
  }

  ProgressLog(long toMake, LongSupplier nanoTime) {
    this.toMake = toMake;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  <T> T during(SparkContext spark, Supplier<T> work) {
    return new TaskSums(List.of(IMAGES), sums -> say(sums.get(IMAGES).longValue()))
        .during(spark, work);
  }

  void say(long made) {
    var seconds = seconds();
    if (seconds - lastSaid >= PAUSE_SECONDS) {
      lastSaid = seconds;
      // Where a slow task runs twice, both count.
      var done = Math.min(made, toMake);
      LOG.info(
          "{} of {} images, {} images/s, {} s left",
          done,
          toMake,
          "%.1f".formatted(done / seconds),
          Math.round(seconds / done * (toMake - done)));
    }
  }

  double seconds() {
    return (nanoTime.getAsLong() - start) * 1e-9;
  }
}
