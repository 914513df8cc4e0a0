package flowmatching.work.train;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.TrainSettings;
import flowmatching.means.data.ImageSet;
import flowmatching.means.parallel.DataParallel;
import flowmatching.means.parallel.Plan;
import flowmatching.means.parallel.Round;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.Lease;
import flowmatching.network.Network;
import flowmatching.network.backend.NumericIdentity;
import flowmatching.network.backend.ThreadMemory;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.report.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Epoch after epoch: rounds of training, validation, preview, metrics, checkpoint. */
final class EpochLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EpochLoop.class);

  /** Short epochs would wait for pages more than they learn. */
  private static final double PAGE_S = 60;

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Settings settings;
  private final TrainSettings train;
  private final int replicas;
  private final ImageSet images;
  private final NumericIdentity numerics;
  private final Validation validation;
  private final Preview preview;
  private final Folder output;
  private final Lease lease;

  /**
   * The epochs of a run.
   *
   * @param replicas that the check before the run has approved
   * @param lease of the output, which is confirmed before previews, and before metrics and
   *     checkpoint
   */
  EpochLoop(
      SparkSession spark,
      Settings settings,
      int replicas,
      ImageSet images,
      NumericIdentity numerics,
      Validation validation,
      Folder output,
      Lease lease) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.settings = settings;
    this.train = settings.train();
    this.replicas = replicas;
    this.images = images;
    this.numerics = numerics;
    this.validation = validation;
    this.output = output;
    this.lease = lease;
    this.preview = Preview.of(settings);
  }

  /**
   * Trains the network.
   *
   * @param done epochs that it has been trained
   * @param start its state after these
   * @return the state after the last epoch
   * @throws RunFailure if it does not learn
   */
  TrainingState run(int done, TrainingState start, Checkpoints checkpoints, Metrics metrics) {
    Dataset<Row> rows = images.rows(spark, context.defaultParallelism()).cache();
    DataParallel training =
        new DataParallel(
            context,
            new Plan(
                settings.model(),
                Learning.optimiser(train, images.count() / train.batchSize()),
                new ExponentialAverage(train.emaDecay()),
                numerics,
                train.strategy() == TrainSettings.Strategy.PARAMETER_SERVER,
                train.threshold(),
                train.udpPorts(),
                train.patienceS()),
            replicas,
            slots -> ReplicaPlan.replicas(slots, train));
    Stopwatch sincePage = new Stopwatch();
    TrainingState state = start;
    try {
      for (int epoch = done + 1; epoch <= train.epochs(); epoch++) {
        Trained trained = epoch(epoch, state, training, rows);
        state = trained.state();
        Metrics.Epoch figures = trained.figures();
        lease.confirm();
        metrics.add(figures);
        checkpoints.write(epoch, state);
        LOG.info(
            "epoch {}/{}: loss {}, validation loss {}, {} images/s",
            epoch,
            train.epochs(),
            "%.4f".formatted(figures.loss()),
            "%.4f".formatted(figures.validationLoss()),
            "%.1f".formatted(figures.imagesPerS()));
        if (epoch < train.epochs() && sincePage.seconds() > PAGE_S) {
          Report.write(output);
          sincePage.lap();
        }
      }
      return state;
    } finally {
      context.setJobDescription(null);
      rows.unpersist();
    }
  }

  /** What an epoch came to. */
  private record Trained(TrainingState state, Metrics.Epoch figures) {}

  private Trained epoch(int epoch, TrainingState start, DataParallel training, Dataset<Row> rows) {
    EpochMinibatches minibatches =
        new EpochMinibatches(
            settings.model().image(), images.count(), train.batchSize(), train.seed(), epoch - 1);
    Stopwatch watch = new Stopwatch();
    List<Round> rounds = rounds(epoch, start, training, minibatches, rows);
    TrainingState state = rounds.get(rounds.size() - 1).state();
    double trainingS = watch.lap();
    context.setJobDescription("epoch %d of %d: validation".formatted(epoch, train.epochs()));
    double validationLoss = validation.loss(state.best());
    checkFinite(validationLoss, epoch);
    double validationS = watch.lap();
    lease.confirm();
    drawPreview(epoch, state);
    return new Trained(
        state,
        Metrics.Epoch.of(
            epoch,
            validationLoss,
            state.step(),
            state.layout().length(),
            rounds,
            new Metrics.Seconds(trainingS, validationS, watch.lap())));
  }

  private void drawPreview(int epoch, TrainingState state) {
    try (Network network = UNet.create(settings.model(), 1)) {
      network.assign(state.best());
      output.child(RunFiles.PREVIEWS).write(RunFiles.preview(epoch), preview.png(network));
      output.write(RunFiles.TRAJECTORY, preview.trajectory(network));
    } finally {
      ThreadMemory.release();
    }
  }

  private List<Round> rounds(
      int epoch,
      TrainingState start,
      DataParallel training,
      EpochMinibatches minibatches,
      Dataset<Row> rows) {
    EpochProgress progress = new EpochProgress(epoch, train.epochs(), minibatches);
    List<Round> rounds = new ArrayList<>();
    TrainingState state = start;
    for (int first = 0; first < minibatches.steps(); first += train.roundSteps()) {
      int from = first;
      int to = Math.min(from + train.roundSteps(), minibatches.steps());
      Round round =
          training.train(
              "epoch %d of %d, steps %d to %d".formatted(epoch, train.epochs(), from + 1, to),
              state,
              to - from,
              replicas -> minibatches.of(rows, replicas, from, to),
              () -> progress.ofRound(from));
      checkChanged(state, round.state());
      state = round.state();
      rounds.add(round);
    }
    return rounds;
  }

  private static void checkChanged(TrainingState start, TrainingState end) {
    if (Arrays.equals(start.values(Slot.PARAMETERS), end.values(Slot.PARAMETERS))) {
      throw new RunFailure(
          "The parameters are the same after a round as before: no step has changed them. The same command resumes from the last checkpoint.");
    }
  }

  private void checkFinite(double loss, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The validation loss is %s after epoch %d, with train.learning-rate = %s: the network has diverged. Checkpoints of earlier epochs stay; train anew with a smaller learning rate, in another train.output."
              .formatted(loss, epoch, train.learningRate()));
    }
  }
}
