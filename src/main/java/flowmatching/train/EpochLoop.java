package flowmatching.train;

import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.failure.RunFailure;
import flowmatching.parallel.DataParallel;
import flowmatching.parallel.Plan;
import flowmatching.parallel.Round;
import flowmatching.report.Report;
import flowmatching.report.RunFiles;
import flowmatching.settings.Settings;
import flowmatching.settings.TrainSettings;
import flowmatching.storage.Folder;
import flowmatching.storage.Lease;
import flowmatching.unet.NetworkState;
import flowmatching.unet.PyTorchAdam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
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
   * @param optimiser that it was made with
   * @throws RunFailure where it does not learn
   */
  void run(
      int done,
      ComputationGraph network,
      PyTorchAdam optimiser,
      Checkpoints checkpoints,
      Metrics metrics) {
    Dataset<Row> rows = images.rows(spark, context.defaultParallelism()).cache();
    DataParallel training =
        new DataParallel(
            context,
            new Plan(
                settings.model(),
                optimiser,
                numerics,
                train.strategy() == TrainSettings.Strategy.PARAMETER_SERVER,
                train.threshold(),
                train.udpPorts(),
                train.patienceS()),
            replicas,
            slots -> ReplicaPlan.replicas(slots, train));
    Stopwatch sincePage = new Stopwatch();
    try {
      for (int epoch = done + 1; epoch <= train.epochs(); epoch++) {
        Metrics.Epoch figures = epoch(epoch, network, training, rows);
        lease.confirm();
        metrics.add(figures);
        checkpoints.write(epoch, network);
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
    } finally {
      context.setJobDescription(null);
      rows.unpersist();
    }
  }

  private Metrics.Epoch epoch(
      int epoch, ComputationGraph network, DataParallel training, Dataset<Row> rows) {
    EpochMinibatches minibatches =
        new EpochMinibatches(
            settings.model().image(), images.count(), train.batchSize(), train.seed(), epoch - 1);
    Stopwatch watch = new Stopwatch();
    List<Round> rounds = rounds(epoch, network, training, minibatches, rows);
    double trainingS = watch.lap();
    context.setJobDescription("epoch %d of %d: validation".formatted(epoch, train.epochs()));
    double validationLoss = validation.loss(network);
    checkFinite(validationLoss, epoch);
    double validationS = watch.lap();
    lease.confirm();
    output.child(RunFiles.PREVIEWS).write(RunFiles.preview(epoch), preview.png(network));
    output.write(RunFiles.TRAJECTORY, preview.trajectory(network));
    return Metrics.Epoch.of(
        epoch,
        validationLoss,
        network.getConfiguration().getIterationCount(),
        network.params().length(),
        rounds,
        new Metrics.Seconds(trainingS, validationS, watch.lap()));
  }

  private List<Round> rounds(
      int epoch,
      ComputationGraph network,
      DataParallel training,
      EpochMinibatches minibatches,
      Dataset<Row> rows) {
    EpochProgress progress = new EpochProgress(epoch, train.epochs(), minibatches);
    List<Round> rounds = new ArrayList<>();
    for (int first = 0; first < minibatches.steps(); first += train.roundSteps()) {
      int from = first;
      int to = Math.min(from + train.roundSteps(), minibatches.steps());
      NetworkState start = NetworkState.of(network);
      Round round =
          training.train(
              "epoch %d of %d, steps %d to %d".formatted(epoch, train.epochs(), from + 1, to),
              start,
              to - from,
              replicas -> minibatches.of(rows, replicas, from, to),
              () -> progress.ofRound(from));
      checkChanged(start, round.state());
      round.state().applyTo(network);
      rounds.add(round);
    }
    return rounds;
  }

  private static void checkChanged(NetworkState start, NetworkState end) {
    if (Arrays.equals(start.parameters(), end.parameters())) {
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
