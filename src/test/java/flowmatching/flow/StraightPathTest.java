package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StraightPathTest {
  private static final Path PATH = new StraightPath();

  @Test
  void leadsFromNoiseToImage() {
    assertThat(PATH.point(0, 0.75f, -2)).isEqualTo(-2);
    assertThat(PATH.point(0.5f, 0.75f, -2)).isEqualTo(-0.625f);
    assertThat(PATH.point(1, 0.75f, -2)).isEqualTo(0.75f);
  }

  @Test
  void theVelocityIsTheSlopeOfThePath() {
    float slope = (PATH.point(0.6f, 0.75f, -2) - PATH.point(0.2f, 0.75f, -2)) / 0.4f;
    assertThat(PATH.velocity(0.3f, 0.75f, -2)).isEqualTo(2.75f).isCloseTo(slope, within(1e-5f));
  }
}
