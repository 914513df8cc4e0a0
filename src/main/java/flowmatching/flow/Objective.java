package flowmatching.flow;

import flowmatching.flow.RandomStream.Purpose;
import java.io.Serializable;
import java.util.List;

/**
 * What a network learns: the velocity of a path between coupled noise and images, at times of a
 * distribution, under a weighted loss.
 */
public record Objective(
    Path path, Coupling coupling, TimeDistribution times, LossWeighting weighting)
    implements Serializable {

  /** The article's objective. */
  public static Objective flowMatching() {
    return new Objective(
        new StraightPath(), new IndependentCoupling(), new UniformTimes(), new EqualWeights());
  }

  /** Where the noise and the times of a batch come from: from the ids of its images alone. */
  public record Draws(long seed, Purpose noise, Purpose time, int epoch) implements Serializable {
    private RandomStream of(Purpose purpose, long id) {
      return new RandomStream(seed, purpose, epoch, id);
    }
  }

  /**
   * A minibatch.
   *
   * @param images {@code [N, C, H, W]}, from -1 to 1
   * @param ids of the images
   */
  public Minibatch minibatch(ImageBatch images, long[] ids, Draws draws) {
    int pixels = images.shape().values();
    ImageBatch noise = ImageBatch.zeros(images.shape(), ids.length);
    float[] atTimes = new float[ids.length];
    float[] weights = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      draws.of(draws.noise(), ids[i]).normals(noise.values(), i * pixels, pixels);
      atTimes[i] = times.time(draws.of(draws.time(), ids[i]).uniform());
      weights[i] = weighting.weight(atTimes[i]);
    }
    ImageBatch points = ImageBatch.zeros(images.shape(), ids.length);
    ImageBatch velocities = ImageBatch.zeros(images.shape(), ids.length);
    int[] pairs = coupling.pair(images, noise);
    for (int i = 0; i < ids.length; i++) {
      int imageAt = i * pixels;
      int noiseAt = pairs[i] * pixels;
      for (int j = 0; j < pixels; j++) {
        float x = images.values()[imageAt + j];
        float z = noise.values()[noiseAt + j];
        points.values()[imageAt + j] = path.point(atTimes[i], x, z);
        velocities.values()[imageAt + j] = path.velocity(atTimes[i], x, z);
      }
    }
    return new Minibatch(points, List.of(Condition.time(atTimes)), velocities, weights);
  }
}
