package flowmatching.work.train;

import java.util.function.ObjDoubleConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the progress of an epoch during an attempt at a round: takes the number of images that it
 * has done, and their sum of losses.
 */
final class EpochProgress implements ObjDoubleConsumer<Long> {
  private static final Logger LOG = LoggerFactory.getLogger(EpochProgress.class);

  private final EpochMinibatches minibatches;
  private final int epochs;
  private final int firstStep;
  private final Stopwatch sinceStart;
  private long imagesLogged;
  private double lossSumLogged;

  /** An attempt at the round from a step on, with the time since the epoch's start. */
  EpochProgress(EpochMinibatches minibatches, int epochs, int firstStep, Stopwatch sinceStart) {
    this.minibatches = minibatches;
    this.epochs = epochs;
    this.firstStep = firstStep;
    this.sinceStart = sinceStart;
  }

  @Override
  public void accept(Long imagesOfRound, double lossSum) {
    int batchSize = minibatches.batchSize();
    long images = (long) firstStep * batchSize + imagesOfRound;
    double imagesPerS = images / sinceStart.seconds();
    long imagesPerEpoch = (long) minibatches.steps() * batchSize;
    double imagesLeft = (double) (epochs - minibatches.epoch()) * imagesPerEpoch - images;
    double leftS = imagesLeft / imagesPerS;
    LOG.info(
        "epoch {}/{} step {}/{}: loss {}, {} images/s, {} left",
        minibatches.epoch() + 1,
        epochs,
        images / batchSize,
        minibatches.steps(),
        "%.4f".formatted((lossSum - lossSumLogged) / (imagesOfRound - imagesLogged)),
        "%.1f".formatted(imagesPerS),
        "%d:%02d min".formatted((long) leftS / 60, (long) leftS % 60));
    imagesLogged = imagesOfRound;
    lossSumLogged = lossSum;
  }
}
