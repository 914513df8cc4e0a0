package flowmatching.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinearPathTest {
  @Test
  void leadsFromNoiseToImage() {
    assertThat(LinearPath.at(0, 0.75f, -2)).isEqualTo(-2);
    assertThat(LinearPath.at(0.5f, 0.75f, -2)).isEqualTo(-0.625f);
    assertThat(LinearPath.at(1, 0.75f, -2)).isEqualTo(0.75f);
  }

  @Test
  void velocityIsTheSlopeOfThePath() {
    float slope = (LinearPath.at(0.6f, 0.75f, -2) - LinearPath.at(0.2f, 0.75f, -2)) / 0.4f;
    assertThat(LinearPath.velocity(0.75f, -2)).isEqualTo(2.75f).isCloseTo(slope, within(1e-5f));
  }
}
