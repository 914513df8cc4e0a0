package flowmatching.means.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.RunFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.flow.Euler;
import flowmatching.flow.ImageBatch;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.flow.TimeGrid;
import flowmatching.flow.VelocityField;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class DrawingTest {
  private static final ImageShape SHAPE = new ImageShape(3, 2, 4);
  private static final VelocityField STANDING = times(time -> 0);
  private static final VelocityField SHRINKING = times(time -> -1);

  @Test
  void whereNothingMovesAnImageIsTheNoiseOfItsSeedAndId() {
    ImageBatch noise = ImageBatch.zeros(SHAPE, 1);
    new RandomStream(5, Purpose.SAMPLE_NOISE, 0, 7).normals(noise.values(), 0, SHAPE.values());

    assertThat(drawing(5).images(STANDING, 6, 3).get(1)).isEqualTo(Image.ofNetwork(noise, 0));
  }

  @Test
  void anImageDependsOnNoOther() {
    List<Image> apart = new ArrayList<>(drawing(5).images(SHRINKING, 0, 3));
    apart.addAll(drawing(5).images(SHRINKING, 3, 2));

    assertThat(drawing(5).images(SHRINKING, 0, 5)).isEqualTo(apart).doesNotHaveDuplicates();
    assertThat(drawing(6).images(SHRINKING, 0, 5)).doesNotContainAnyElementsOf(apart);
  }

  @Test
  void theImageIsWhereTheVelocityLeads() {
    VelocityField toWhite = field((x, time) -> (1 - x) / (1 - time));
    Image white = drawing(5).images(toWhite, 0, 1).get(0);
    assertThat(white.at(2, 1, 3)).isEqualTo(255);
  }

  @Test
  void aPathGoesFromTheNoiseToTheImagesByEachStep() {
    List<List<Image>> path = drawing(5).path(SHRINKING, 0, 3);
    assertThat(path).hasSize(5);
    assertThat(path.get(0)).isEqualTo(drawing(5).images(STANDING, 0, 3));
    assertThat(path.get(4)).isEqualTo(drawing(5).images(SHRINKING, 0, 3));
    // Euler's first step of a quarter leaves three quarters of the noise.
    assertThat(path.get(1)).isEqualTo(drawing(5).images(times(time -> time == 0 ? -1 : 0), 0, 3));
  }

  @Test
  void aVelocityWithoutBoundsIsARunFailure() {
    VelocityField diverging = times(time -> Double.POSITIVE_INFINITY);
    assertThatThrownBy(() -> drawing(5).images(diverging, 0, 1))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("diverged");
  }

  private static Drawing drawing(long seed) {
    return new Drawing(SHAPE, seed, new Euler(TimeGrid.uniform(4)));
  }

  private static VelocityField times(DoubleUnaryOperator factor) {
    return field((x, time) -> x * factor.applyAsDouble(time));
  }

  /** A velocity of each pixel by itself. */
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
