package flowmatching.means.run;

/**
 * A line of {@code metrics.jsonl}: one epoch of a training.
 *
 * @param runSha256 see {@link RunRecord}; empty in lines of versions without it
 * @param epoch from 1
 * @param loss mean over the epoch's images, each under the parameters of its step
 * @param validationLoss mean over the validation images, under the parameters after the epoch
 * @param imagesPerS of training
 * @param steps of all epochs so far
 * @param replicas at the epoch's end
 */
public record EpochMetrics(
    String runSha256,
    int epoch,
    double loss,
    double validationLoss,
    double imagesPerS,
    int steps,
    int replicas,
    Share share,
    Updates updates,
    Seconds seconds) {

  /**
   * Shares of the replicas' time, which add up to 1.
   *
   * @param compute gradients and optimiser steps
   * @param data making minibatches
   * @param exchange adding, encoding and sending gradients
   * @param waiting for other replicas' gradients
   * @param resynchronisation starting a round's replicas from one state and collecting the next
   */
  public record Share(
      double compute, double data, double exchange, double waiting, double resynchronisation) {}

  /**
   * The quantised updates that executors sent each other; all 0 if none were sent.
   *
   * @param number of updates
   * @param bytes per update, a mean as the values below
   * @param compression size of the float32 values divided by the bytes sent
   * @param threshold below which values were kept for later
   * @param sparsity share of the values below it
   */
  public record Updates(
      int number, double bytes, double compression, double threshold, double sparsity) {
    public static final Updates NONE = new Updates(0, 0, 0, 0, 0);
  }

  /** Duration of the epoch's stages, in seconds. */
  public record Seconds(double training, double validation, double preview) {
    public double sum() {
      return training + validation + preview;
    }
  }
}
