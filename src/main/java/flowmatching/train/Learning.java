package flowmatching.train;

import flowmatching.settings.TrainSettings;
import flowmatching.settings.TrainSettings.Schedule;
import flowmatching.unet.CosineSchedule;
import flowmatching.unet.PyTorchAdam;

/** The optimiser of a run. */
final class Learning {
  private Learning() {}

  static PyTorchAdam optimiser(TrainSettings settings, int stepsPerEpoch) {
    double rate = settings.learningRate();
    return settings.learningRateSchedule() == Schedule.COSINE
        ? new PyTorchAdam(
            new CosineSchedule(rate, Math.multiplyExact(settings.epochs(), stepsPerEpoch)))
        : new PyTorchAdam(rate);
  }
}
