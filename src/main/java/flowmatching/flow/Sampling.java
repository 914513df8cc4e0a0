package flowmatching.flow;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples of a seed, each identified by its id.
 *
 * @param seed of the noise
 * @param solver of dx/dt = velocity
 */
public record Sampling(ImageShape shape, long seed, Solver solver) {

  /** The images {@code [count, C, H, W]} of the ids from {@code first}, computed together. */
  public ImageBatch images(VelocityField velocity, long first, int count) {
    return solver.solve(velocity, noise(first, count));
  }

  /**
   * As {@link #images}, but with all x at which the solver evaluates the velocity before the
   * images, {@code [count, C, H, W]} each.
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

  /** Standard normals, which depend only on the seed and each image's id. */
  private ImageBatch noise(long first, int count) {
    int length = shape.values();
    ImageBatch noise = ImageBatch.zeros(shape, count);
    for (int i = 0; i < count; i++) {
      new RandomStream(seed, Purpose.SAMPLE_NOISE, 0, first + i)
          .normals(noise.values(), i * length, length);
    }
    return noise;
  }
}
