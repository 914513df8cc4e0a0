package flowmatching.work.train;

import flowmatching.base.settings.TrainSettings;
import flowmatching.base.settings.TrainSettings.Schedule;
import flowmatching.network.optimiser.Adam;
import flowmatching.network.optimiser.LearningRate;

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
