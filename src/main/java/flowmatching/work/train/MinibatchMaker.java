package flowmatching.work.train;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Minibatch;
import flowmatching.flow.Objective;
import flowmatching.flow.Objective.Draws;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.means.image.PixelScale;
import java.io.Serializable;
import java.util.List;

/**
 * Images to what the network learns from. Noise and time of an image depend on the seed, the epoch
 * and its id alone.
 */
record MinibatchMaker(ImageShape shape, Objective objective, Draws draws) implements Serializable {

  /**
   * The minibatches of an epoch.
   *
   * @param epoch from 0
   */
  static MinibatchMaker training(ImageShape shape, long seed, int epoch) {
    return new MinibatchMaker(
        shape,
        Objective.flowMatching(),
        new Draws(seed, Purpose.TRAINING_NOISE, Purpose.TRAINING_TIME, epoch));
  }

  /** The same noise and time for an image in every epoch. */
  static MinibatchMaker validation(ImageShape shape, long seed) {
    return new MinibatchMaker(
        shape,
        Objective.flowMatching(),
        new Draws(seed, Purpose.VALIDATION_NOISE, Purpose.VALIDATION_TIME, 0));
  }

  /** A minibatch of these images, in their order. */
  Minibatch minibatch(List<Example> examples) {
    return objective.minibatch(
        PixelScale.batch(shape, examples.stream().map(Example::pixels).toList()),
        examples.stream().mapToLong(Example::id).toArray(),
        draws);
  }
}
