package flowmatching.base.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import org.junit.jupiter.api.Test;

class ImageShapeTest {
  private static final ImageShape LARGE = new ImageShape(3, 1024, 1024);

  @Test
  void valuesAreCountedOverAllImages() {
    assertThat(LARGE.values()).isEqualTo(3_145_728);
    assertThat(LARGE.values(682)).isEqualTo(2_145_386_496);
  }

  @Test
  void moreValuesThanAnArrayHoldsAreRefused() {
    assertThatThrownBy(() -> LARGE.values(683))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageStartingWith(
            "683 images of 3x1024x1024 at once are 2148532224 values, but an array holds at most 2147483647")
        .hasMessageContaining("use a smaller batch");
    // In 32 bits the number of values would overflow to 0.
    assertThatThrownBy(() -> new ImageShape(64, 1024, 1024).values(65_536))
        .isInstanceOf(ConfigurationFailure.class);
  }
}
