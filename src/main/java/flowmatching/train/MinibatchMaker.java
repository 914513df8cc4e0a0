package flowmatching.train;

import flowmatching.flow.LinearPath;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.settings.ImageShape;
import java.io.Serializable;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images to what the network learns from: points x_t of the path with their times, and the velocity
 * there. Noise and time of an image depend on the seed, the epoch and its id alone.
 */
record MinibatchMaker(ImageShape shape, long seed, Purpose noise, Purpose time, int epoch)
    implements Serializable {

  static MinibatchMaker training(ImageShape shape, long seed, int epoch) {
    return new MinibatchMaker(shape, seed, Purpose.TRAINING_NOISE, Purpose.TRAINING_TIME, epoch);
  }

  /** The same noise and time for an image in every epoch. */
  static MinibatchMaker validation(ImageShape shape, long seed) {
    return new MinibatchMaker(shape, seed, Purpose.VALIDATION_NOISE, Purpose.VALIDATION_TIME, 0);
  }

  /**
   * Features x_t {@code [N, C, H, W]} and t {@code [N, 1]}, label {@code [N, C, H, W]}: arrays of
   * their own, for the caller to close.
   */
  MultiDataSet minibatch(List<Example> examples) {
    int pixels = shape.values();
    float[] points = new float[shape.values(examples.size())];
    float[] velocities = new float[points.length];
    float[] times = new float[examples.size()];
    for (int i = 0; i < times.length; i++) {
      Example example = examples.get(i);
      int from = i * pixels;
      new RandomStream(seed, noise, epoch, example.id()).normals(points, from, pixels);
      times[i] = new RandomStream(seed, time, epoch, example.id()).uniform();
      for (int j = 0; j < pixels; j++) {
        float z = points[from + j];
        float x = value(example.pixels()[j]);
        points[from + j] = LinearPath.at(times[i], x, z);
        velocities[from + j] = LinearPath.velocity(x, z);
      }
    }
    return new MultiDataSet(
        new INDArray[] {
          images(points, times.length), Nd4j.create(times, new long[] {times.length, 1}, 'c')
        },
        new INDArray[] {images(velocities, times.length)});
  }

  private INDArray images(float[] values, int images) {
    long[] dimensions = {images, shape.channels(), shape.height(), shape.width()};
    // An array that is reshaped is a view, which cannot be closed.
    return Nd4j.create(values, dimensions, 'c');
  }

  /** 0 to 255 as -1 to 1. */
  private static float value(byte pixel) {
    return Byte.toUnsignedInt(pixel) / 127.5f - 1;
  }
}
