package flowmatching.base.settings;

import java.util.OptionalInt;

/**
 * Section {@code train}: how a network is trained.
 *
 * @param output the folder of the run; empty only if it is not set and the job is not {@link
 *     Job#TRAIN}
 * @param epochs passes over the images
 * @param batchSize images per step, shared by all workers
 * @param learningRate Adam's step size at the first step
 * @param emaDecay decay of the exponential moving average of the weights; 0 for no average
 * @param seed of random initial weights, the shuffle, the noise and the times
 * @param precision of the network
 * @param initialWeights the folder of the network to start from; empty for random weights
 * @param workers the replicas that share a batch, a divisor of {@code batchSize}; empty if the run
 *     chooses
 * @param threshold a gradient value below it is not sent to other executors yet, as a share of the
 *     values' root mean square
 * @param roundSteps steps between two resynchronisations of the replicas
 * @param patienceS seconds that a run waits for a replica that does nothing
 * @param validationLimit the largest number of images of the test split for the loss on images that
 *     are not trained on; {@link Long#MAX_VALUE} for all
 */
public record TrainSettings(
    String output,
    int epochs,
    int batchSize,
    double learningRate,
    Schedule learningRateSchedule,
    double emaDecay,
    long seed,
    Precision precision,
    String initialWeights,
    Strategy strategy,
    OptionalInt workers,
    double threshold,
    int roundSteps,
    int patienceS,
    UdpPorts udpPorts,
    UnencryptedUpdates unencryptedUpdates,
    Resume resume,
    Checkpoint checkpoint,
    long validationLimit,
    Preview preview) {

  /** The course of the learning rate over a run. */
  public enum Schedule {
    /** The same rate at every step. */
    CONSTANT,
    /** Along half a cosine, from the learning rate at the first step to 0 after the last. */
    COSINE
  }

  /** How workers learn together. */
  public enum Strategy {
    /** All replicas make each step together, with the mean of their gradients. */
    PARAMETER_SERVER,
    /** Each replica makes its own steps; after a round, all continue from the mean state. */
    AVERAGING
  }

  /** Whether a run may send plain updates although Spark's traffic is encrypted. */
  public enum UnencryptedUpdates {
    REFUSE,
    ACCEPT
  }

  /** Whether a run resumes from its own last checkpoint. */
  public enum Resume {
    AUTO,
    NEVER
  }

  /**
   * Which checkpoints are kept. A run writes one per epoch.
   *
   * @param keepLast the number of newest checkpoints that are kept, at least 1
   * @param keepEvery checkpoints of epochs that this divides are kept for good; 0 for none
   */
  public record Checkpoint(int keepLast, int keepEvery) {
    /** Whether to keep the checkpoint of an epoch once that of epoch {@code newest} is complete. */
    public boolean keeps(int epoch, int newest) {
      return epoch > newest - keepLast || (keepEvery > 0 && epoch % keepEvery == 0);
    }
  }

  /**
   * Images that are drawn after each epoch from the same noise.
   *
   * @param steps Euler steps per image
   */
  public record Preview(int count, int steps) {}

  static TrainSettings read(Reader reader, Job job) {
    String output = reader.folder("train.output", job == Job.TRAIN);
    int epochs = reader.value("train.epochs", Kind.integer(1, 100_000));
    int batchSize = reader.value("train.batch-size", Kind.integer(1, 65_536));
    double learningRate = reader.value("train.learning-rate", Kind.UP_TO_ONE);
    var strategy = reader.value("train.strategy", Kind.oneOf(Strategy.class));
    var settings =
        new TrainSettings(
            output,
            epochs,
            batchSize,
            learningRate,
            reader.value("train.learning-rate-schedule", Kind.oneOf(Schedule.class)),
            reader.value("train.ema-decay", Kind.BELOW_ONE),
            reader.value("train.seed", Kind.SEED),
            reader.value("train.precision", Kind.oneOf(Precision.class)),
            reader.value("train.initial-weights", Kind.FOLDER.or("random", "")),
            strategy,
            reader.value(
                "train.workers",
                Kind.integer(1, 1024).map(OptionalInt::of).or("auto", OptionalInt.empty())),
            reader.value("train.threshold", Kind.UP_TO_ONE),
            reader.value(
                "train.round-steps",
                Kind.STEPS.or("auto", strategy == Strategy.AVERAGING ? 25 : 200)),
            reader.value("train.patience", Kind.integer(10, 3600)),
            reader.value("train.udp-ports", Kind.UDP_PORTS),
            reader.value("train.unencrypted-updates", Kind.oneOf(UnencryptedUpdates.class)),
            reader.value("train.resume", Kind.oneOf(Resume.class)),
            new Checkpoint(
                reader.value("train.checkpoint.keep-last", Kind.integer(1, 100_000)),
                reader.value("train.checkpoint.keep-every", Kind.integer(0, 100_000))),
            reader.value("train.validation.limit", Kind.IMAGES_OR_ALL),
            new Preview(
                reader.value("train.preview.count", Kind.integer(1, 1024)),
                reader.value("train.preview.steps", Kind.STEPS)));
    if (reader.sound("train.batch-size", "train.workers")
        && batchSize % settings.workers.orElse(1) != 0) {
      reader.reject("train.workers", "must divide train.batch-size, which is " + batchSize);
    }
    return settings;
  }
}
