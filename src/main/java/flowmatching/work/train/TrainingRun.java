package flowmatching.work.train;

import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.failure.Failure;
import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.Settings;
import flowmatching.base.settings.Split;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.means.storage.Lease;
import flowmatching.network.dl4j.UNet;
import flowmatching.network.optimiser.TrainingState;
import flowmatching.work.report.Report;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run of TrainJob, new or resumed. It holds the lease of its output from its preparation until it
 * is closed.
 */
public final class TrainingRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final RunContext run;
  private final Lease lease;
  private final InitialWeights initialWeights;
  private TrainingIdentity identity;
  private boolean finished;

  private TrainingRun(RunContext run) {
    this.run = run;
    this.lease = new Lease(run.output(), "TrainJob");
    this.initialWeights =
        new InitialWeights(run.settings(), run.spark().sparkContext().hadoopConfiguration());
    this.identity = TrainingIdentity.of(run, initialWeights.digest());
  }

  /** Makes all checks before a run, and sets ND4J up; a {@link Failure} if a check fails. */
  public static TrainingRun prepare(SparkSession spark, Settings settings) {
    RunContext run = RunContext.open(spark, settings);
    TrainingRun prepared = new TrainingRun(run);
    if (run.images().split() == Split.TEST) {
      LOG.warn("data.split is test: the validation images are also trained on");
    }
    RunChecks checks = new RunChecks(run, prepared.identity);
    checks.checkSettings();
    boolean exclusive;
    try {
      exclusive =
          run.output()
              .checkWritable(
                  RunFiles.CHECKPOINTS, RunFiles.PREVIEWS, RunContext.MODEL, Report.FOLDER);
    } catch (EnvironmentFailure e) {
      if (!checks.isFinished()) {
        throw e;
      }
      prepared.finished = true;
      return prepared;
    }
    prepared.lease.take(exclusive);
    try {
      prepared.identity = checks.checkOutput(prepared.initialWeights);
      return prepared;
    } catch (RuntimeException | Error e) {
      prepared.close();
      throw e;
    }
  }

  /** Trains the remaining epochs and writes the model; if it fails, checkpoints stay. */
  public void train() {
    if (finished) {
      LOG.info(
          "{} has all {} epochs, the model and the report, and cannot be written to: nothing is left to do.",
          run.output(),
          run.train().epochs());
      return;
    }
    try {
      trainFromLastCheckpoint();
    } catch (EnvironmentFailure e) {
      throw new EnvironmentFailure(
          "%s The checkpoints in %s stay: after the fix, the same command resumes from the last whole one."
              .formatted(e.getMessage(), run.output().child(RunFiles.CHECKPOINTS)),
          e);
    } catch (Exception e) {
      // Spark throws checked exceptions that it does not declare.
      if (e instanceof Failure || !run.spark().sparkContext().isStopped()) {
        throw e;
      }
      throw new RunFailure(
          "Spark was stopped during the run: see the lines above and the cluster's logs for why. The same command resumes from the last checkpoint.",
          e);
    }
  }

  private void trainFromLastCheckpoint() {
    Folder output = run.output();
    Checkpoints checkpoints = Checkpoints.of(run, identity);
    Metrics metrics = new Metrics(output, identity.runSha256());
    Optional<StoredCheckpoint.Restored> restored = checkpoints.restoreLast();
    int done = restored.map(last -> last.checkpoint().epoch()).orElse(0);
    TrainingState state =
        restored.map(StoredCheckpoint.Restored::state).orElseGet(this::initialState);
    identity.writeTo(output);
    metrics.keepUpTo(done);
    LOG.info(
        "{} images of {}, {} parameters, {} x {} images per step, {} epochs of {} steps, {} done",
        run.images().count(),
        run.images().name(),
        state.layout().length(),
        run.replicas(),
        run.train().batchSize() / run.replicas(),
        run.train().epochs(),
        run.stepsPerEpoch(),
        done);
    if (done < run.train().epochs()) {
      try (Validation validation = Validation.of(run)) {
        state = new EpochLoop(run, validation, checkpoints, metrics, lease).run(done, state);
      }
    }
    lease.confirm();
    ModelFolder.write(run.modelFolder(), run.settings().model(), state.best());
    LOG.info("model: {}", run.modelFolder());
    Report.write(output);
  }

  private TrainingState initialState() {
    return TrainingState.initial(
        UNet.layout(run.settings().model()), initialWeights.parameters(), run.averages());
  }

  @Override
  public void close() {
    lease.close();
  }
}
