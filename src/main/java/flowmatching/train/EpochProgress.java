package flowmatching.train;

import flowmatching.parameterserver.StepProgress;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log how far an epoch is, with each of Spark's heartbeats. */
final class EpochProgress {
  private static final Logger LOG = LoggerFactory.getLogger(EpochProgress.class);

  private final int epoch;
  private final int epochs;
  private final EpochMinibatches minibatches;
  private final long start = System.nanoTime();
  private double lossSumBefore;
  private long imagesBefore;

  /**
   * Begins now.
   *
   * @param epoch from 1
   */
  EpochProgress(int epoch, int epochs, EpochMinibatches minibatches) {
    this.epoch = epoch;
    this.epochs = epochs;
    this.minibatches = minibatches;
  }

  <T> T during(SparkContext spark, Supplier<T> training) {
    StepProgress progress = new StepProgress(this::say);
    spark.addSparkListener(progress);
    try {
      return training.get();
    } finally {
      spark.removeSparkListener(progress);
    }
  }

  private void say(long images, double lossSum) {
    double imagesPerS = images / ((System.nanoTime() - start) * 1e-9);
    long all = (long) minibatches.steps() * minibatches.batchSize();
    double left = ((double) (epochs - epoch) * all + (all - images)) / imagesPerS;
    LOG.info(
        "epoch {}/{} step {}/{}: loss {}, {} images/s, {} left",
        epoch,
        epochs,
        images / minibatches.batchSize(),
        minibatches.steps(),
        "%.4f".formatted((lossSum - lossSumBefore) / (images - imagesBefore)),
        "%.1f".formatted(imagesPerS),
        "%d:%02d min".formatted((long) left / 60, (long) left % 60));
    imagesBefore = images;
    lossSumBefore = lossSum;
  }
}
