package flowmatching.means.cluster;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how many images the tasks of a job have done, when there are more and some seconds have
 * passed since it last did.
 */
public final class ImageProgress {
  private static final String IMAGES = "images done";

  private static final Logger LOG = LoggerFactory.getLogger(ImageProgress.class);
  private static final double PAUSE_SECONDS = 5;

  private final OptionalLong all;
  private final LongSupplier nanoTime;
  private final long start;
  private double lastSaid;

  /**
   * Begins now.
   *
   * @param all how many there will be, where that is known
   */
  public ImageProgress(OptionalLong all) {
    this(all, System::nanoTime);
  }

  ImageProgress(OptionalLong all, LongSupplier nanoTime) {
    this.all = all;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /** Does work that runs a job, whose tasks count the images. */
  public <T> T during(SparkContext spark, Function<LongAccumulator, T> work) {
    LongAccumulator images = spark.longAccumulator(IMAGES);
    return new TaskSums(List.of(IMAGES), sums -> say(sums.get(IMAGES).longValue()))
        .during(spark, () -> work.apply(images));
  }

  void say(long counted) {
    double seconds = seconds();
    if (seconds - lastSaid < PAUSE_SECONDS) {
      return;
    }
    lastSaid = seconds;
    if (all.isEmpty()) {
      LOG.info("{} images, {} images/s", counted, perSecond(counted, seconds));
    } else {
      // Where a slow task runs twice, both count.
      long done = Math.min(counted, all.getAsLong());
      LOG.info(
          "{} of {} images, {} images/s, {} s left",
          done,
          all.getAsLong(),
          perSecond(done, seconds),
          Math.round(seconds / done * (all.getAsLong() - done)));
    }
  }

  private static String perSecond(long images, double seconds) {
    return "%.1f".formatted(images / seconds);
  }

  /** Since the beginning. */
  public double seconds() {
    return (nanoTime.getAsLong() - start) * 1e-9;
  }
}
