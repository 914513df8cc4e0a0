package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Objective.Draws;
import flowmatching.flow.RandomStream.Purpose;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);
  private static final Draws DRAWS = new Draws(7, Purpose.TRAINING_NOISE, Purpose.TRAINING_TIME, 3);
  private static final ImageBatch IMAGES =
      new ImageBatch(SHAPE, new float[] {1, 1, 1, 1, -1, -1, -1, -1});
  private static final long[] IDS = {5, 9};

  @Test
  void noiseAndTimeDependOnTheIds() {
    Minibatch minibatch = Objective.flowMatching().minibatch(IMAGES, IDS, DRAWS);
    float[] noise = new float[4];
    for (int i = 0; i < IDS.length; i++) {
      new RandomStream(7, Purpose.TRAINING_NOISE, 3, IDS[i]).normals(noise, 0, 4);
      float time = new RandomStream(7, Purpose.TRAINING_TIME, 3, IDS[i]).uniform();
      assertThat(minibatch.conditions().get(0).name()).isEqualTo("time");
      assertThat(minibatch.conditions().get(0).values()[i]).isEqualTo(time);
      float image = IMAGES.values()[4 * i];
      for (int j = 0; j < noise.length; j++) {
        assertThat(minibatch.points().values()[4 * i + j])
            .isEqualTo(time * image + (1 - time) * noise[j]);
        assertThat(minibatch.velocities().values()[4 * i + j]).isEqualTo(image - noise[j]);
      }
    }
    assertThat(minibatch.weights()).containsExactly(1, 1);
  }

  @Test
  void aCouplingPairsAnImageWithTheNoiseOfAnother() {
    Objective usual = Objective.flowMatching();
    Objective swapped =
        new Objective(
            usual.path(), (images, noise) -> new int[] {1, 0}, usual.times(), usual.weighting());
    float[] noise = noise(usual.minibatch(IMAGES, IDS, DRAWS));
    float[] ofSwapped = noise(swapped.minibatch(IMAGES, IDS, DRAWS));
    for (int j = 0; j < 4; j++) {
      assertThat(ofSwapped[j]).isCloseTo(noise[4 + j], within(1e-6f));
      assertThat(ofSwapped[4 + j]).isCloseTo(noise[j], within(1e-6f));
    }
  }

  /** The noise z, from the velocity x - z. */
  private static float[] noise(Minibatch minibatch) {
    float[] noise = new float[8];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = IMAGES.values()[i] - minibatch.velocities().values()[i];
    }
    return noise;
  }

  @Test
  void timesAndWeightsComeFromTheirDistributions() {
    Objective usual = Objective.flowMatching();
    Minibatch minibatch =
        new Objective(usual.path(), usual.coupling(), uniform -> uniform / 2, time -> 3 * time)
            .minibatch(IMAGES, IDS, DRAWS);
    float time = new RandomStream(7, Purpose.TRAINING_TIME, 3, 5).uniform() / 2;
    assertThat(minibatch.conditions().get(0).values()[0]).isEqualTo(time);
    assertThat(minibatch.weights()[0]).isEqualTo(3 * time);
  }

  @Test
  void theLossIsTheWeightedMeanSquareOfEachImage() {
    Minibatch minibatch =
        new Minibatch(
            IMAGES,
            List.of(Condition.time(0.5, 2)),
            new ImageBatch(SHAPE, new float[] {0, 0, 0, 0, 1, 1, 1, 1}),
            new float[] {1, 0.5f});
    ImageBatch velocities = new ImageBatch(SHAPE, new float[] {2, 0, 0, 0, 1, 1, 1, 5});
    assertThat(SquaredError.sum(velocities, minibatch)).isEqualTo(1 + 0.5 * 4);
    assertThat(SquaredError.gradient(velocities, minibatch).values())
        .containsExactly(1, 0, 0, 0, 0, 0, 0, 1);
  }
}
