package flowmatching;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Condition;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.Minibatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import java.util.Arrays;
import java.util.List;

/** Normal values and uniform times, the same for a seed. */
public final class RandomBatches {
  private RandomBatches() {}

  public static ImageBatch images(ImageShape shape, int images, long seed) {
    ImageBatch batch = ImageBatch.zeros(shape, images);
    new RandomStream(seed, Purpose.SAMPLE_NOISE, 0, 0)
        .normals(batch.values(), 0, batch.values().length);
    return batch;
  }

  public static Minibatch minibatch(ImageShape shape, int images, long seed) {
    float[] times = new float[images];
    new RandomStream(seed, Purpose.TRAINING_TIME, 0, 0).uniforms(times, 0, images, 0, 1);
    float[] weights = new float[images];
    Arrays.fill(weights, 1);
    return new Minibatch(
        images(shape, images, seed),
        List.of(Condition.time(times)),
        images(shape, images, seed + 1),
        weights);
  }
}
