package flowmatching.train;

import flowmatching.optimiser.Adam;
import flowmatching.optimiser.LearningRate;
import flowmatching.settings.TrainSettings;
import flowmatching.settings.TrainSettings.Schedule;

/** The optimiser of a run. */
final class Learning {
  private Learning() {}

  static Adam optimiser(TrainSettings settings, int stepsPerEpoch) {
    double rate = settings.learningRate();
    return new Adam(
        settings.learningRateSchedule() == Schedule.COSINE
            ? LearningRate.cosine(rate, Math.multiplyExact(settings.epochs(), stepsPerEpoch))
            : LearningRate.constant(rate));
  }
}
