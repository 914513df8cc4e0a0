package flowmatching.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.Computes;
import flowmatching.failure.RunFailure;
import flowmatching.flow.Euler;
import flowmatching.flow.RandomStream;
import flowmatching.flow.RandomStream.Purpose;
import flowmatching.flow.TimeGrid;
import flowmatching.flow.VelocityField;
import flowmatching.settings.ImageShape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

@Computes
class DrawingTest {
  private static final VelocityField STANDING = (x, time) -> Nd4j.zerosLike(x);
  private static final VelocityField SHRINKING = (x, time) -> x.neg();

  @Test
  void whereNothingMovesAnImageIsTheNoiseOfItsSeedAndId() {
    float[] noise = new float[3 * 2 * 4];
    new RandomStream(5, Purpose.SAMPLE_NOISE, 0, 7).normals(noise, 0, noise.length);

    assertThat(drawing(5).images(STANDING, 6, 3).get(1)).isEqualTo(Image.ofNetwork(3, 2, 4, noise));
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
    VelocityField toWhite = (x, time) -> x.rsub(1).divi(1 - time);
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
    assertThat(path.get(1))
        .isEqualTo(drawing(5).images((x, time) -> x.mul(time == 0 ? -1 : 0), 0, 3));
  }

  @Test
  void aVelocityWithoutBoundsIsARunFailure() {
    VelocityField diverging = (x, time) -> x.mul(Float.POSITIVE_INFINITY);
    assertThatThrownBy(() -> drawing(5).images(diverging, 0, 1))
        .isInstanceOf(RunFailure.class)
        .hasMessageContaining("diverged");
  }

  private static Drawing drawing(long seed) {
    return new Drawing(new ImageShape(3, 2, 4), seed, new Euler(TimeGrid.uniform(4)));
  }
}
