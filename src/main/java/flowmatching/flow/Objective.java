package flowmatching.flow;

import flowmatching.flow.RandomStream.Purpose;
import java.io.Serializable;
import java.util.List;

/**
 * The conditional flow matching objective: the network learns the velocity of a path between
 * coupled noise and images by a weighted {@link SquaredError} (Lipman et al. 2022,
 * arXiv:2210.02747, equation 9; Tong et al. 2023, arXiv:2302.00482, for couplings).
 *
 * @param coupling of the noise and the images of a minibatch
 * @param weighting of the loss over time
 */
public record Objective(
    Path path, Coupling coupling, TimeDistribution times, LossWeighting weighting)
    implements Serializable {

  /** The article's: straight paths, independent coupling, uniform times, equal weights. */
  public static Objective flowMatching() {
    return new Objective(
        new StraightPath(), Coupling.INDEPENDENT, TimeDistribution.UNIFORM, LossWeighting.EQUAL);
  }

  /**
   * The source of a minibatch's noise and times: they depend only on these values and the ids.
   *
   * @param noise the purpose of the stream of noise
   * @param time the purpose of the stream of times
   * @param epoch from 0
   */
  public record Draws(long seed, Purpose noise, Purpose time, int epoch) implements Serializable {
    private RandomStream of(Purpose purpose, long id) {
      return new RandomStream(seed, purpose, epoch, id);
    }
  }

  /**
   * A minibatch with the time as the only condition.
   *
   * @param images {@code [N, C, H, W]}, in [-1, 1]; not modified
   * @param ids of the images, {@code [N]}
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
