package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.RandomStream.Purpose;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final ImageShape SHAPE = new ImageShape(3, 2, 4);
  private static final VelocityField ZERO = times(time -> 0);
  private static final VelocityField SHRINKING = times(time -> -1);

  @Test
  void withAVelocityOfZeroAnImageIsTheNoiseOfItsSeedAndId() {
    float[] noise = new float[SHAPE.values()];
    new RandomStream(5, Purpose.SAMPLE_NOISE, 0, 7).normals(noise, 0, noise.length);

    assertThat(images(5, ZERO, 6, 3).slice(1, 2).values()).isEqualTo(noise);
  }

  @Test
  void anImageDoesNotDependOnOthers() {
    ImageBatch together = images(5, SHRINKING, 0, 5);

    assertThat(images(5, SHRINKING, 0, 3).values()).isEqualTo(together.slice(0, 3).values());
    assertThat(images(5, SHRINKING, 3, 2).values()).isEqualTo(together.slice(3, 5).values());
    for (int other = 0; other < 5; other++) {
      assertThat(images(6, SHRINKING, other, 1).values())
          .isNotEqualTo(together.slice(other, other + 1).values());
    }
  }

  @Test
  void theImageIsTheEndOfTheTrajectory() {
    VelocityField toWhite = field((x, time) -> (1 - x) / (1 - time));
    assertThat(images(5, toWhite, 0, 1).values()[3]).isCloseTo(1, within(1e-6f));
  }

  @Test
  void aPathHasTheNoiseEveryStepAndTheImages() {
    List<ImageBatch> path = sampling(5).trajectory(SHRINKING, 0, 3);
    assertThat(path).hasSize(5);
    assertThat(path.get(0).values()).isEqualTo(images(5, ZERO, 0, 3).values());
    assertThat(path.get(4).values()).isEqualTo(images(5, SHRINKING, 0, 3).values());
    // After Euler's first step of 1 / 4, three quarters of the noise remain.
    assertThat(path.get(1).values())
        .isEqualTo(images(5, times(time -> time == 0 ? -1 : 0), 0, 3).values());
  }

  private static ImageBatch images(long seed, VelocityField velocity, long first, int count) {
    return sampling(seed).images(velocity, first, count);
  }

  private static Sampling sampling(long seed) {
    return new Sampling(SHAPE, seed, RungeKutta.EULER.on(RungeKutta.equalSteps(4)));
  }

  private static VelocityField times(DoubleUnaryOperator factor) {
    return field((x, time) -> x * factor.applyAsDouble(time));
  }

  /** A velocity per pixel. */
  private static VelocityField field(DoubleBinaryOperator ofPixelAndTime) {
    return (x, time) -> {
      ImageBatch velocity = ImageBatch.zeros(x.shape(), x.images());
      for (int i = 0; i < velocity.values().length; i++) {
        velocity.values()[i] = (float) ofPixelAndTime.applyAsDouble(x.values()[i], time);
      }
      return velocity;
    };
  }
}
