package flowmatching.work.train;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.TrainSettings;
import flowmatching.base.settings.TrainSettings.Schedule;
import flowmatching.means.parallel.DataParallel;
import flowmatching.means.parallel.Plan;
import flowmatching.means.parallel.Round;
import flowmatching.means.run.EpochMetrics;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Lease;
import flowmatching.network.Network;
import flowmatching.network.backend.ThreadMemory;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.ExponentialAverage;
import flowmatching.network.optimiser.LearningRate;
import flowmatching.network.optimiser.Slot;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.report.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The epochs of a run: rounds of training, validation, preview, metrics, checkpoint. */
final class EpochLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EpochLoop.class);

  /** Least time between two pages, so that short epochs do not spend theirs on pages. */
  private static final double PAGE_S = 60;

  private final RunContext run;
  private final TrainSettings train;
  private final JavaSparkContext context;
  private final Validation validation;
  private final Preview preview;
  private final Lease lease;

  /**
   * A loop.
   *
   * @param lease of the output, which is confirmed before each group of writes
   */
  EpochLoop(RunContext run, Validation validation, Lease lease) {
    this.run = run;
    this.train = run.train();
    this.context = JavaSparkContext.fromSparkContext(run.spark().sparkContext());
    this.validation = validation;
    this.preview = Preview.of(run.settings());
    this.lease = lease;
  }

  /**
   * Trains the network.
   *
   * @param done number of epochs done
   * @param start state after these
   * @return the state after the last epoch
   * @throws RunFailure if training changes nothing, or diverges
   */
  TrainingState run(int done, TrainingState start, Checkpoints checkpoints, Metrics metrics) {
    Dataset<Row> rows = run.images().rows(run.spark(), context.defaultParallelism()).cache();
    DataParallel training =
        new DataParallel(
            context, plan(), run.replicas(), slots -> ReplicaPlan.replicas(slots, train));
    Stopwatch sincePage = new Stopwatch();
    TrainingState state = start;
    try {
      for (int epoch = done + 1; epoch <= train.epochs(); epoch++) {
        Trained trained = epoch(epoch, state, training, rows);
        state = trained.state();
        lease.confirm();
        metrics.add(trained.metrics());
        checkpoints.write(epoch, state);
        LOG.info(
            "epoch {}/{}: loss {}, validation loss {}, {} images/s",
            epoch,
            train.epochs(),
            "%.4f".formatted(trained.metrics().loss()),
            "%.4f".formatted(trained.metrics().validationLoss()),
            "%.1f".formatted(trained.metrics().imagesPerS()));
        if (epoch < train.epochs() && sincePage.seconds() > PAGE_S) {
          Report.write(run.output());
          sincePage.lap();
        }
      }
      return state;
    } finally {
      context.setJobDescription(null);
      rows.unpersist();
    }
  }

  private Plan plan() {
    double rate = train.learningRate();
    return new Plan(
        run.settings().model(),
        new Adam(
            train.learningRateSchedule() == Schedule.COSINE
                ? LearningRate.cosine(rate, Math.multiplyExact(train.epochs(), run.stepsPerEpoch()))
                : LearningRate.constant(rate)),
        new ExponentialAverage(train.emaDecay()),
        run.numerics(),
        train.strategy() == TrainSettings.Strategy.PARAMETER_SERVER,
        train.threshold(),
        train.udpPorts(),
        train.patienceS());
  }

  /** The result of an epoch. */
  private record Trained(TrainingState state, EpochMetrics metrics) {}

  private Trained epoch(int epoch, TrainingState start, DataParallel training, Dataset<Row> rows) {
    Stopwatch watch = new Stopwatch();
    List<Round> rounds = rounds(epoch, start, training, rows);
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
        new RoundTotals(rounds)
            .metrics(
                epoch,
                validationLoss,
                new EpochMetrics.Seconds(trainingS, validationS, watch.lap())));
  }

  private void drawPreview(int epoch, TrainingState state) {
    try (Network network = UNet.create(run.settings().model(), 1)) {
      network.assign(state.best());
      run.output().child(RunFiles.PREVIEWS).write(RunFiles.preview(epoch), preview.png(network));
      run.output().write(RunFiles.TRAJECTORY, preview.trajectory(network));
    } finally {
      ThreadMemory.release();
    }
  }

  private List<Round> rounds(
      int epoch, TrainingState start, DataParallel training, Dataset<Row> rows) {
    EpochMinibatches minibatches =
        new EpochMinibatches(
            run.settings().model().image(),
            run.images().count(),
            train.batchSize(),
            train.seed(),
            epoch - 1);
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
          "A round has not changed the parameters. The same command resumes from the last checkpoint.");
    }
  }

  private void checkFinite(double loss, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The validation loss is %s after epoch %d, with train.learning-rate = %s: the network has diverged. Checkpoints of earlier epochs stay; train again with a smaller learning rate, in another train.output."
              .formatted(loss, epoch, train.learningRate()));
    }
  }
}
