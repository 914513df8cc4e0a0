package flowmatching.flow;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;

/**
 * From noise to images: the samples that a seed stands for, each known by its id.
 *
 * @param shape {@code [C, H, W]} of an image
 * @param seed of the noise
 * @param solver follows a velocity from the noise to the images
 */
public record Sampling(ImageShape shape, long seed, Solver solver) {

  /**
   * The images of {@code count} ids, computed together.
   *
   * @param velocity of {@code [N, C, H, W]}
   * @param first id
   * @return {@code [count, C, H, W]}
   */
  public ImageBatch images(VelocityField velocity, long first, int count) {
    return solver.solve(velocity, noise(first, count));
  }

  /**
   * What becomes of the noise of {@code count} ids on its way: the points at which the solver asks
   * for the velocity, and the images.
   *
   * @param velocity of {@code [N, C, H, W]}
   * @param first id
   * @return {@code [count, C, H, W]} each
   */
  public List<ImageBatch> path(VelocityField velocity, long first, int count) {
    List<ImageBatch> points = new ArrayList<>();
    VelocityField recording =
        (x, time) -> {
          points.add(x.copy());
          return velocity.at(x, time);
        };
    points.add(images(recording, first, count));
    return points;
  }

  /**
   * Standard normals {@code [count, C, H, W]}: each image's depend on its id and the seed alone.
   *
   * @param first id
   */
  public ImageBatch noise(long first, int count) {
    int length = shape.values();
    ImageBatch noise = ImageBatch.zeros(shape, count);
    for (int i = 0; i < count; i++) {
      new RandomStream(seed, Purpose.SAMPLE_NOISE, 0, first + i)
          .normals(noise.values(), i * length, length);
    }
    return noise;
  }
}
