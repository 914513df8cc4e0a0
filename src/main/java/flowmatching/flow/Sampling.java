package flowmatching.flow;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples of a seed, each identified by its id.
 *
 * @param shape {@code [C, H, W]} of an image
 * @param seed of the noise
 * @param solver of dx/dt = velocity
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
   * The trajectory of {@code count} ids: all x at which the solver evaluates the velocity, then the
   * images.
   *
   * @param velocity of {@code [N, C, H, W]}
   * @param first id
   * @return {@code [count, C, H, W]} each
   */
  public List<ImageBatch> trajectory(VelocityField velocity, long first, int count) {
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
   * Standard normals {@code [count, C, H, W]}, which depend only on the seed and each image's id.
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
