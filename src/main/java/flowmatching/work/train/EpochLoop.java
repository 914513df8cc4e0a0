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
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The epochs of a run: rounds of training, validation, preview, metrics, checkpoint.
 *
 * @param lease of the output, which is confirmed before each group of writes
 */
record EpochLoop(
    RunContext run, Validation validation, Checkpoints checkpoints, Metrics metrics, Lease lease) {
  private static final Logger LOG = LoggerFactory.getLogger(EpochLoop.class);

  /** Least time between two pages, so that short epochs do not spend theirs on pages. */
  private static final double PAGE_S = 60;

  /**
   * Trains the network, from the state after {@code done} epochs to that after the last one.
   *
   * @throws RunFailure if training changes nothing, or diverges
   */
  TrainingState run(int done, TrainingState start) {
    Dataset<Row> rows = run.images().rows(run.spark(), run.context().defaultParallelism()).cache();
    DataParallel training =
        new DataParallel(
            run.context(),
            plan(),
            run.replicas(),
            slots -> ReplicaPlan.replicas(slots, run.train()));
    Stopwatch sincePage = new Stopwatch();
    TrainingState state = start;
    try {
      for (int epoch = done + 1; epoch <= run.train().epochs(); epoch++) {
        state = epoch(epoch, state, training, rows);
        if (epoch < run.train().epochs() && sincePage.seconds() > PAGE_S) {
          Report.write(run.output());
          sincePage.lap();
        }
      }
      return state;
    } finally {
      run.context().setJobDescription(null);
      rows.unpersist();
    }
  }

  private Plan plan() {
    TrainSettings train = run.train();
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

  private TrainingState epoch(
      int epoch, TrainingState start, DataParallel training, Dataset<Row> rows) {
    int epochs = run.train().epochs();
    Stopwatch watch = new Stopwatch();
    List<Round> rounds = rounds(epoch, start, training, rows);
    TrainingState state = rounds.get(rounds.size() - 1).state();
    double trainingS = watch.lap();
    run.context().setJobDescription("epoch %d of %d: validation".formatted(epoch, epochs));
    double validationLoss = validation.loss(state.best());
    checkFinite(validationLoss, epoch);
    double validationS = watch.lap();
    lease.confirm();
    drawPreview(epoch, state);
    EpochMetrics.Seconds seconds = new EpochMetrics.Seconds(trainingS, validationS, watch.lap());
    EpochMetrics totals =
        new RoundTotals(rounds).metrics(metrics.runSha256(), epoch, validationLoss, seconds);
    lease.confirm();
    metrics.add(totals);
    checkpoints.write(epoch, state);
    LOG.info(
        "epoch {}/{}: loss {}, validation loss {}, {} images/s",
        epoch,
        epochs,
        "%.4f".formatted(totals.loss()),
        "%.4f".formatted(validationLoss),
        "%.1f".formatted(totals.imagesPerS()));
    return state;
  }

  private void drawPreview(int epoch, TrainingState state) {
    Preview preview = Preview.of(run.settings());
    try (Network network = UNet.create(run.settings().model(), run.numerics().precision(), 1)) {
      network.assign(state.best());
      run.output().child(RunFiles.PREVIEWS).write(RunFiles.preview(epoch), preview.png(network));
      run.output().write(RunFiles.TRAJECTORY, preview.trajectory(network));
    } finally {
      ThreadMemory.release();
    }
  }

  private List<Round> rounds(
      int epoch, TrainingState start, DataParallel training, Dataset<Row> rows) {
    TrainSettings train = run.train();
    EpochMinibatches minibatches =
        new EpochMinibatches(
            run.settings().model().image(),
            run.images().count(),
            train.batchSize(),
            train.seed(),
            epoch - 1);
    Stopwatch sinceStart = new Stopwatch();
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
              () -> new EpochProgress(minibatches, train.epochs(), from, sinceStart));
      if (Arrays.equals(state.values(Slot.PARAMETERS), round.state().values(Slot.PARAMETERS))) {
        throw new RunFailure(
            "A round has not changed the parameters. The same command resumes from the last checkpoint.");
      }
      state = round.state();
      rounds.add(round);
    }
    return rounds;
  }

  private void checkFinite(double loss, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new RunFailure(
          "The validation loss is %s after epoch %d, with train.learning-rate = %s: the network has diverged. Checkpoints of earlier epochs stay; train again with a smaller learning rate, in another train.output."
              .formatted(loss, epoch, run.train().learningRate()));
    }
  }
}
