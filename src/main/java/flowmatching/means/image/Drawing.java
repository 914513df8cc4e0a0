package flowmatching.means.image;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.flow.Solver;
import flowmatching.flow.VelocityField;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From noise to images: the samples that a seed stands for, each known by its id.
 *
 * @param shape [C, H, W] of an image, one or three channels
 * @param seed of the noise
 * @param solver follows a velocity from the noise to the images
 */
public record Drawing(ImageShape shape, long seed, Solver solver) {

  /**
   * The images of {@code count} ids, computed together.
   *
   * @param velocity of [N, C, H, W]
   * @param first id
   * @throws RunFailure where a value of an image is infinite or not a number
   */
  public List<Image> images(VelocityField velocity, long first, int count) {
    return images(solver.solve(velocity, noise(first, count)));
  }

  /**
   * What becomes of the noise of {@code count} ids on its way: the points at which the solver asks
   * for the velocity, and the images.
   *
   * @param velocity of [N, C, H, W]
   * @param first id
   * @throws RunFailure where a value of an image is infinite or not a number
   */
  public List<List<Image>> path(VelocityField velocity, long first, int count) {
    List<List<Image>> points = new ArrayList<>();
    VelocityField recording =
        (x, time) -> {
          points.add(images(x));
          return velocity.at(x, time);
        };
    points.add(images(recording, first, count));
    return points;
  }

  private static List<Image> images(ImageBatch batch) {
    return IntStream.range(0, batch.images()).mapToObj(i -> Image.ofNetwork(batch, i)).toList();
  }

  /** Standard normals [count, C, H, W]: each image's depend on its id and the seed alone. */
  private ImageBatch noise(long first, int count) {
    var length = shape.values();
    var noise = ImageBatch.zeros(shape, count);
    for (int i = 0; i < count; i++) {
      new RandomStream(seed, Purpose.SAMPLE_NOISE, 0, first + i)
          .normals(noise.values(), i * length, length);
    }
    return noise;
  }
}
