package flowmatching.work.train;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.failure.DataFailure;
import flowmatching.base.failure.EnvironmentFailure;
import flowmatching.base.settings.TrainSettings.Resume;
import flowmatching.means.model.ModelFolder;
import flowmatching.means.run.RunFiles;
import flowmatching.means.storage.Folder;
import flowmatching.work.report.Report;
import java.util.Optional;

/** The checks before a run; each throws a {@link flowmatching.base.failure.Failure}. */
record RunChecks(RunContext run, TrainingIdentity identity) {

  /** Checks the settings against each other and against the data. */
  void checkSettings() {
    int batchSize = run.train().batchSize();
    if (run.images().count() < batchSize) {
      throw new ConfigurationFailure(
          "train.batch-size is %d, and there are %d images to train on: give a smaller batch, or a larger data.limit."
              .formatted(batchSize, run.images().count()));
    }
    run.settings().model().image().values(batchSize / run.replicas());
    Preview.of(run.settings()).check();
    int channels = run.settings().model().image().channels();
    if (channels != 1 && channels != 3) {
      throw new ConfigurationFailure(
          "model.image.channels is %d: images with 1 channel (grey) or 3 channels (red, green, blue) can be drawn."
              .formatted(channels));
    }
    // DL4J counts steps in 32 bits.
    int epochs = run.train().epochs();
    long steps = (long) epochs * run.stepsPerEpoch();
    if (steps > Integer.MAX_VALUE) {
      throw new ConfigurationFailure(
          "%d epochs of %d images make %d steps, and at most %d can be counted: give fewer train.epochs or a larger train.batch-size."
              .formatted(epochs, run.images().count(), steps, Integer.MAX_VALUE));
    }
  }

  /**
   * Checks that the output is empty, or holds this run and can be resumed.
   *
   * @return the identity of the run in the output
   */
  TrainingIdentity checkOutput(InitialWeights initialWeights) {
    if (run.train().resume() == Resume.NEVER
        && !run.output().child(RunFiles.CHECKPOINTS).list().isEmpty()) {
      throw new DataFailure(
          "%s already holds a run, and train.resume is never: give another train.output, or train.resume=auto to resume it."
              .formatted(run.output()));
    }
    TrainingIdentity checked = identity.check(run.output());
    Checkpoints checkpoints = Checkpoints.of(run, checked);
    Optional<StoredCheckpoint.Checkpoint> last = checkpoints.check();
    if (last.isEmpty()) {
      checkNothingIsLost(checkpoints);
      initialWeights.check();
    } else if (last.get().epoch() > run.train().epochs()) {
      throw new DataFailure(
          "%s has been trained for %d epochs, and train.epochs is %d: give at least as many, or another train.output."
              .formatted(run.output(), last.get().epoch(), run.train().epochs()));
    }
    checkpoints.checkSpace();
    return checked;
  }

  /**
   * Whether the output has all epochs of this run, its model and its report. False if it cannot be
   * read.
   *
   * @throws DataFailure if it holds another run
   */
  boolean isFinished() {
    Folder output = run.output();
    try {
      // First, because it takes seconds if a store does not answer, and the others take minutes.
      output.checkReachable();
      if (!output.exists(RunFiles.RECORD)) {
        return false;
      }
      Checkpoints checkpoints = Checkpoints.of(run, identity.check(output));
      return run.train().resume() != Resume.NEVER
          && checkpoints.check().stream().anyMatch(last -> last.epoch() == run.train().epochs())
          && run.modelFolder().exists(ModelFolder.DESCRIPTION)
          && Report.isIn(output);
    } catch (EnvironmentFailure e) {
      return false;
    }
  }

  /**
   * Training from the beginning would overwrite a run whose checkpoints are gone. A run that was
   * interrupted before its first checkpoint can leave the line and the folder of epoch 1.
   */
  private void checkNothingIsLost(Checkpoints checkpoints) {
    int epochs =
        Math.max(
            new Metrics(run.output(), checkpoints.runSha256()).lastEpoch(),
            checkpoints.lastFolder());
    boolean hasModel = run.modelFolder().exists(ModelFolder.DESCRIPTION);
    if (epochs > 1 || hasModel) {
      throw new DataFailure(
          "%s has %s of a run, and no checkpoint to resume from. Restore a checkpoint, or give another train.output to train from the beginning. Nothing was changed."
              .formatted(
                  run.output(), hasModel ? "the model" : "traces of %d epochs".formatted(epochs)));
    }
  }
}
