package flowmatching.train;

import flowmatching.backend.NumericIdentity;
import flowmatching.data.ImageSet;
import flowmatching.failure.RunFailure;
import flowmatching.parameterserver.ParameterServer;
import flowmatching.parameterserver.ReplicaLayout;
import flowmatching.parameterserver.Round;
import flowmatching.settings.Settings;
import flowmatching.settings.TrainSettings;
import flowmatching.storage.Folder;
import flowmatching.unet.NetworkState;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Epoch after epoch: training, validation, preview, metrics, checkpoint. */
final class EpochLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EpochLoop.class);

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Settings settings;
  private final ImageSet images;
  private final ReplicaLayout replicas;
  private final NumericIdentity numerics;
  private final Validation validation;
  private final Preview preview;
  private final Folder output;

  EpochLoop(
      SparkSession spark,
      Settings settings,
      ImageSet images,
      ReplicaLayout replicas,
      NumericIdentity numerics,
      Validation validation,
      Folder output) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.settings = settings;
    this.images = images;
    this.replicas = replicas;
    this.numerics = numerics;
    this.validation = validation;
    this.output = output;
    this.preview =
        new Preview(
            settings.model().image(),
            settings.train().seed(),
            settings.train().preview().count(),
            settings.train().preview().steps());
  }

  /**
   * Trains the network.
   *
   * @param done epochs that it has been trained
   * @throws RunFailure where it does not learn
   */
  void run(int done, ComputationGraph network, Checkpoints checkpoints, Metrics metrics) {
    TrainSettings train = settings.train();
    int batchSize = train.batchSize() / replicas.replicas();
    Dataset<Row> rows = images.rows(spark, context.defaultParallelism()).cache();
    try (ParameterServer server =
        new ParameterServer(context, network, replicas, numerics, batchSize, train.threshold())) {
      for (int epoch = done + 1; epoch <= train.epochs(); epoch++) {
        Metrics.Epoch figures = epoch(epoch, network, server, rows);
        metrics.add(figures);
        checkpoints.write(epoch, network);
        LOG.info(
            "epoch {}/{}: loss {}, validation loss {}, {} images/s",
            epoch,
            train.epochs(),
            "%.4f".formatted(figures.loss()),
            "%.4f".formatted(figures.validationLoss()),
            "%.1f".formatted(figures.imagesPerS()));
      }
    } finally {
      context.setJobDescription(null);
      rows.unpersist();
    }
  }

  private Metrics.Epoch epoch(
      int epoch, ComputationGraph network, ParameterServer server, Dataset<Row> rows) {
    TrainSettings train = settings.train();
    EpochMinibatches minibatches =
        new EpochMinibatches(
            settings.model().image(),
            images.count(),
            train.batchSize(),
            replicas,
            train.seed(),
            epoch - 1);
    Stopwatch watch = new Stopwatch();
    context.setJobDescription("epoch %d of %d: training".formatted(epoch, train.epochs()));
    NetworkState start = NetworkState.of(network);
    Round round =
        new EpochProgress(epoch, train.epochs(), minibatches)
            .during(
                context.sc(),
                () -> server.train(start, minibatches.of(rows), minibatches.minibatches()));
    checkFinite(round.loss(), epoch);
    round.state().applyTo(network);
    double training = watch.lap();
    context.setJobDescription("epoch %d of %d: validation".formatted(epoch, train.epochs()));
    double validationLoss = validation.loss(network);
    checkFinite(validationLoss, epoch);
    double validating = watch.lap();
    output.child("previews").write(Checkpoints.name(epoch) + ".png", preview.png(network));
    return new Metrics.Epoch(
        epoch,
        round.loss(),
        validationLoss,
        (double) minibatches.steps() * train.batchSize() / training,
        round.state().iteration(),
        round.drift(),
        new Metrics.Seconds(training, validating, watch.lap()));
  }

  private void checkFinite(double loss, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The loss is %s in epoch %d, with train.learning-rate = %s: the network has diverged. The last checkpoint is from before; train anew with a smaller learning rate, in another train.output."
              .formatted(loss, epoch, settings.train().learningRate()));
    }
  }
}
