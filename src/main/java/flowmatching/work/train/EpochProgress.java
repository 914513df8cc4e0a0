package flowmatching.work.train;

import java.util.function.ObjDoubleConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log how far an epoch is. */
final class EpochProgress {
  private static final Logger LOG = LoggerFactory.getLogger(EpochProgress.class);

  private final int epoch;
  private final int epochs;
  private final EpochMinibatches minibatches;
  private final long start = System.nanoTime();

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

  /** Takes the images of an attempt at a round so far, and the sum of their losses. */
  ObjDoubleConsumer<Long> ofRound(int firstStep) {
    return new RoundProgress((long) firstStep * minibatches.batchSize());
  }

  /** What was said of a round before tells what is new. */
  private final class RoundProgress implements ObjDoubleConsumer<Long> {
    private final long imagesBefore;
    private long imagesSaid;
    private double lossSumSaid;

    RoundProgress(long imagesBefore) {
      this.imagesBefore = imagesBefore;
    }

    @Override
    public void accept(Long imagesOfRound, double lossSum) {
      long images = imagesBefore + imagesOfRound;
      double imagesPerS = images / ((System.nanoTime() - start) * 1e-9);
      long all = (long) minibatches.steps() * minibatches.batchSize();
      double left = ((double) (epochs - epoch) * all + (all - images)) / imagesPerS;
      LOG.info(
          "epoch {}/{} step {}/{}: loss {}, {} images/s, {} left",
          epoch,
          epochs,
          images / minibatches.batchSize(),
          minibatches.steps(),
          "%.4f".formatted((lossSum - lossSumSaid) / (imagesOfRound - imagesSaid)),
          "%.1f".formatted(imagesPerS),
          "%d:%02d min".formatted((long) left / 60, (long) left % 60));
      imagesSaid = imagesOfRound;
      lossSumSaid = lossSum;
    }
  }
}
