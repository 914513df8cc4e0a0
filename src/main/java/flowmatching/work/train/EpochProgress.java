package flowmatching.work.train;

import java.util.function.ObjDoubleConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the progress of an epoch. */
final class EpochProgress {
  private static final Logger LOG = LoggerFactory.getLogger(EpochProgress.class);

  private final int epoch;
  private final int epochs;
  private final EpochMinibatches minibatches;
  private final long start = System.nanoTime();

  /**
   * Starts now.
   *
   * @param epoch from 1
   */
  EpochProgress(int epoch, int epochs, EpochMinibatches minibatches) {
    this.epoch = epoch;
    this.epochs = epochs;
    this.minibatches = minibatches;
  }

  /** Takes the number of images that an attempt at a round has done, and their sum of losses. */
  ObjDoubleConsumer<Long> ofRound(int firstStep) {
    return new RoundProgress((long) firstStep * minibatches.batchSize());
  }

  private final class RoundProgress implements ObjDoubleConsumer<Long> {
    private final long imagesBefore;
    private long imagesLogged;
    private double lossSumLogged;

    RoundProgress(long imagesBefore) {
      this.imagesBefore = imagesBefore;
    }

    @Override
    public void accept(Long imagesOfRound, double lossSum) {
      long images = imagesBefore + imagesOfRound;
      double imagesPerS = images / ((System.nanoTime() - start) * 1e-9);
      long imagesPerEpoch = (long) minibatches.steps() * minibatches.batchSize();
      double imagesLeft = (double) (epochs - epoch + 1) * imagesPerEpoch - images;
      double leftS = imagesLeft / imagesPerS;
      LOG.info(
          "epoch {}/{} step {}/{}: loss {}, {} images/s, {} left",
          epoch,
          epochs,
          images / minibatches.batchSize(),
          minibatches.steps(),
          "%.4f".formatted((lossSum - lossSumLogged) / (imagesOfRound - imagesLogged)),
          "%.1f".formatted(imagesPerS),
          "%d:%02d min".formatted((long) leftS / 60, (long) leftS % 60));
      imagesLogged = imagesOfRound;
      lossSumLogged = lossSum;
    }
  }
}
