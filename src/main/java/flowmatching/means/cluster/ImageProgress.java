package flowmatching.means.cluster;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs how many images the tasks of a job have done, at most every few seconds. */
public final class ImageProgress {
  private static final Logger LOG = LoggerFactory.getLogger(ImageProgress.class);
  private static final String IMAGES = "images done";
  private static final double INTERVAL_SECONDS = 5;

  private final OptionalLong all;
  private final LongSupplier nanoTime;
  private final long start;
  private double lastLogged;

  /** Starts the clock. {@code all} is the total number of images, if known. */
  public ImageProgress(OptionalLong all) {
    this(all, System::nanoTime);
  }

  ImageProgress(OptionalLong all, LongSupplier nanoTime) {
    this.all = all;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /** Runs a job whose tasks count their images in the accumulator. */
  public <T> T during(SparkContext spark, Function<LongAccumulator, T> work) {
    LongAccumulator images = spark.longAccumulator(IMAGES);
    return new TaskSums(List.of(IMAGES), sums -> log(sums.get(IMAGES).longValue()))
        .during(spark, () -> work.apply(images));
  }

  void log(long counted) {
    double seconds = seconds();
    if (seconds - lastLogged < INTERVAL_SECONDS) {
      return;
    }
    lastLogged = seconds;
    // Both copies of a task that runs twice count their images.
    long done = Math.min(counted, all.orElse(Long.MAX_VALUE));
    String perSecond = "%.1f".formatted(done / seconds);
    if (all.isEmpty()) {
      LOG.info("{} images, {} images/s", done, perSecond);
    } else {
      long left = Math.round(seconds / done * (all.getAsLong() - done));
      LOG.info("{} of {} images, {} images/s, {} s left", done, all.getAsLong(), perSecond, left);
    }
  }

  /** Seconds since the start. */
  public double seconds() {
    return (nanoTime.getAsLong() - start) * 1e-9;
  }
}
