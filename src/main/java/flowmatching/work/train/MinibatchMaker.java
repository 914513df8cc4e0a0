package flowmatching.work.train;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Minibatch;
import flowmatching.flow.Objective;
import flowmatching.flow.Objective.Draws;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.means.data.LabelledImage;
import flowmatching.means.image.PixelScale;
import java.io.Serializable;
import java.util.List;

/**
 * Makes minibatches of images. The noise and time of an image depend on the seed, the epoch and its
 * id alone.
 */
record MinibatchMaker(ImageShape shape, Objective objective, Draws draws) implements Serializable {

  private MinibatchMaker(ImageShape shape, Draws draws) {
    this(shape, Objective.flowMatching(), draws);
  }

  /** For training, in an epoch from 0. */
  static MinibatchMaker training(ImageShape shape, long seed, int epoch) {
    return new MinibatchMaker(
        shape, new Draws(seed, Purpose.TRAINING_NOISE, Purpose.TRAINING_TIME, epoch));
  }

  /** For validation, with the same noise and time for an image in every epoch. */
  static MinibatchMaker validation(ImageShape shape, long seed) {
    return new MinibatchMaker(
        shape, new Draws(seed, Purpose.VALIDATION_NOISE, Purpose.VALIDATION_TIME, 0));
  }

  /** The minibatch of these images, in their order. */
  Minibatch minibatch(List<LabelledImage> images) {
    return objective.minibatch(
        PixelScale.batch(shape, images.stream().map(LabelledImage::pixels).toList()),
        images.stream().mapToLong(LabelledImage::id).toArray(),
        draws);
  }
}
