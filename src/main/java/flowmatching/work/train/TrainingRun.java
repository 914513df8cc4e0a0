package flowmatching.work.train;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.DataSettings;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.base.settings.TrainSettings;
import flowmatching.base.settings.TrainSettings.Resume;
import flowmatching.means.cluster.Slots;
import flowmatching.means.data.ImageSet;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.preflight.Preflight;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.Lease;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.report.Report;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run of TrainJob: checked when it is prepared, then trained from where it stands. It holds the
 * lease of its output from the check to its close.
 */
public final class TrainingRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private static final String MODEL = "model";

  private final SparkSession spark;
  private final Settings settings;
  private final Folder output;
  private final Lease lease;
  private final int replicas;
  private final NumericIdentity numerics;
  private final ImageSet images;
  private final ImageSet validationImages;
  private final RunRecord record;
  private final Checkpoints checkpoints;
  private final InitialWeights initialWeights;

  private TrainingRun(SparkSession spark, Settings settings) {
    this.spark = spark;
    this.settings = settings;
    this.output = Folder.of(settings.train().output(), spark.sparkContext().hadoopConfiguration());
    this.lease = new Lease(output, "TrainJob");
    this.replicas = ReplicaPlan.await(spark.sparkContext(), settings.train());
    this.numerics =
        new Preflight(JavaSparkContext.fromSparkContext(spark.sparkContext()))
            .check(settings, replicas);
    DataSettings data = settings.data();
    this.images = open(data.split(), data.limit());
    this.validationImages = open(Split.TEST, settings.train().validation().limit());
    this.initialWeights = new InitialWeights(settings, spark.sparkContext().hadoopConfiguration());
    this.record =
        RunRecord.of(
            settings,
            images,
            validationImages,
            initialWeights.digest(),
            numerics,
            spark.version(),
            spark.sparkContext().master(),
            replicas,
            new Slots(spark.sparkContext()).threads());
    this.checkpoints =
        new Checkpoints(
            output.child(RunFiles.CHECKPOINTS), settings.model(), settings.train().checkpoint());
    if (images.split() == Split.TEST) {
      LOG.warn("data.split is test: the validation loss is one on images that are trained on");
    }
  }

  /**
   * Checks all that a run needs, and sets ND4J up.
   *
   * @throws flowmatching.base.failure.Failure with what is wrong
   */
  public static TrainingRun prepare(SparkSession spark, Settings settings) {
    TrainingRun run = new TrainingRun(spark, settings);
    run.checkBatch();
    settings.model().image().values(settings.train().batchSize() / run.replicas);
    Preview.of(settings).check();
    run.checkChannels();
    run.checkSteps();
    run.lease.take(run.output.checkWritable());
    try {
      run.checkOutput();
      return run;
    } catch (RuntimeException | Error e) {
      run.close();
      throw e;
    }
  }

  private void checkBatch() {
    int batchSize = settings.train().batchSize();
    if (images.count() < batchSize) {
      throw new ConfigurationFailure(
          "train.batch-size is %d, and there are %d images to train on: give a smaller batch, or a larger data.limit."
              .formatted(batchSize, images.count()));
    }
  }

  private void checkOutput() {
    refuseToStartOver();
    record.check(output);
    checkpoints
        .check()
        .ifPresentOrElse(
            this::checkEpochs,
            () -> {
              checkNothingIsLost();
              initialWeights.check();
            });
    checkpoints.checkSpace(settings.train().emaDecay() > 0 ? 4 : 3);
  }

  private ImageSet open(Split split, long limit) {
    OptionalInt most =
        limit > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) limit);
    ImageSet set = ImageSet.open(spark, settings.data().path(), split, most);
    set.demand(
        settings.model().image(), "model.image is", "set model.image to what the images are");
    return set;
  }

  /**
   * Trains the epochs that are left, and writes the model.
   *
   * @throws flowmatching.base.failure.Failure with what is wrong; the last whole checkpoint stays
   */
  public void train() {
    try {
      trainFromLastCheckpoint();
    } catch (EnvironmentFailure e) {
      throw new EnvironmentFailure(
          "%s The checkpoints in %s stay: when this is mended, the same command goes on from the last whole one."
              .formatted(e.getMessage(), output.child(RunFiles.CHECKPOINTS)),
          e);
    } catch (Exception e) {
      // Spark's own exceptions are checked, and not declared.
      if (e instanceof Failure || !spark.sparkContext().isStopped()) {
        throw e;
      }
      throw new RunFailure(
          "Spark was stopped under the run: see the lines above and the cluster's logs for why. The same command resumes from the last checkpoint.",
          e);
    }
  }

  private void trainFromLastCheckpoint() {
    TrainSettings train = settings.train();
    int steps = images.count() / train.batchSize();
    Metrics metrics = new Metrics(output);
    Optional<StoredCheckpoint.Restored> restored = checkpoints.restoreLast();
    int done = restored.map(last -> last.checkpoint().epoch()).orElse(0);
    TrainingState state =
        restored.map(StoredCheckpoint.Restored::state).orElseGet(this::initialState);
    record.writeTo(output);
    metrics.keepUpTo(done);
    LOG.info(
        "{} images of {}, {} parameters, {} x {} images a step, {} epochs of {} steps, {} done",
        images.count(),
        images.name(),
        state.layout().length(),
        replicas,
        train.batchSize() / replicas,
        train.epochs(),
        steps,
        done);
    if (done < train.epochs()) {
      try (Validation validation =
          new Validation(spark, validationImages, settings.model(), train.seed(), numerics)) {
        state =
            new EpochLoop(spark, settings, replicas, images, numerics, validation, output, lease)
                .run(done, state, checkpoints, metrics);
      }
    }
    lease.confirm();
    ModelFolder.write(output.child(MODEL), settings.model(), state.best());
    LOG.info("model: {}", output.child(MODEL));
    Report.write(output);
  }

  private TrainingState initialState() {
    return TrainingState.initial(
        UNet.layout(settings.model()),
        initialWeights.parameters(),
        settings.train().emaDecay() > 0);
  }

  /** Gives the lease of the output back. */
  @Override
  public void close() {
    lease.close();
  }

  private void refuseToStartOver() {
    if (settings.train().resume() == Resume.NEVER
        && !output.child(RunFiles.CHECKPOINTS).list().isEmpty()) {
      throw new DataFailure(
          "%s holds a run already, and train.resume is never: give another train.output, or train.resume=auto to go on with it."
              .formatted(output));
    }
  }

  private void checkEpochs(Checkpoints.Checkpoint last) {
    int epochs = settings.train().epochs();
    if (last.epoch() > epochs) {
      throw new DataFailure(
          "%s has been trained for %d epochs, and train.epochs is %d: give at least as many, or another train.output."
              .formatted(output, last.epoch(), epochs));
    }
  }

  /**
   * Training from the beginning would overwrite what a run has left whose checkpoints are gone. A
   * run that was cut off before its first checkpoint can leave the line and the folder of epoch 1.
   */
  private void checkNothingIsLost() {
    int epochs = Math.max(new Metrics(output).lastEpoch(), checkpoints.lastFolder());
    boolean hasModel = output.child(MODEL).exists(ModelFolder.DESCRIPTION);
    if (epochs > 1 || hasModel) {
      throw new DataFailure(
          "%s has %s of a run, and no checkpoint to go on from. Put a checkpoint back, or give another train.output to train from the beginning. Nothing was changed."
              .formatted(output, hasModel ? "the model" : "traces of %d epochs".formatted(epochs)));
    }
  }

  /** Previews and samples are pictures. */
  private void checkChannels() {
    int channels = settings.model().image().channels();
    if (channels != 1 && channels != 3) {
      throw new ConfigurationFailure(
          "model.image.channels is %d: images with 1 (grey) or 3 channels (red, green, blue) can be drawn."
              .formatted(channels));
    }
  }

  /** DL4J counts steps in 32 bits. */
  private void checkSteps() {
    TrainSettings train = settings.train();
    long steps = (long) train.epochs() * (images.count() / train.batchSize());
    if (steps > Integer.MAX_VALUE) {
      throw new ConfigurationFailure(
          "%d epochs of %d images make %d steps, and at most %d can be counted: give fewer train.epochs or a larger train.batch-size."
              .formatted(train.epochs(), images.count(), steps, Integer.MAX_VALUE));
    }
  }
}
