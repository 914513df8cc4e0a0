package flowmatching.train;

import flowmatching.settings.TrainSettings;
import flowmatching.settings.TrainSettings.Schedule;
import flowmatching.unet.CosineSchedule;
import flowmatching.unet.PyTorchAdam;

/** The optimiser of a run. */
final class Learning {
  private Learning() {}

  /**
   * The optimiser of each of the replicas. All of them add up their steps, so that each makes a
   * K-th of the step of one with the whole batch.
   */
  static PyTorchAdam optimiser(TrainSettings settings, int stepsPerEpoch, int replicas) {
    double rate = settings.learningRate() / replicas;
    return settings.learningRateSchedule() == Schedule.COSINE
        ? new PyTorchAdam(
            new CosineSchedule(rate, Math.multiplyExact(settings.epochs(), stepsPerEpoch)))
        : new PyTorchAdam(rate);
  }
}
