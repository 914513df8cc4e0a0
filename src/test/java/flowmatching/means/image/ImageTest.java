package flowmatching.means.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTest {
  @ParameterizedTest
  @CsvSource({
    "-1, 0",
    "1, 255",
    "0, 128",
    "-7, 0",
    "7, 255",
    "-0.9961, 0",
    "-0.9960, 1",
    "0.9960, 254",
    "0.9961, 255"
  })
  void networkValuesAreClampedAndRounded(float value, int intensity) {
    assertThat(image(value).at(0, 0, 0)).isEqualTo(intensity);
  }

  @Test
  void everyIntensitySurvivesConversionToANetworkValue() {
    for (int intensity = 0; intensity < 256; intensity++) {
      var value = intensity / 255f * 2f - 1f;
      assertThat(image(value).at(0, 0, 0)).isEqualTo(intensity);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void valuesThatAreNotFiniteAreRefused(float value) {
    assertThatThrownBy(() -> image(0, value))
        .isInstanceOf(DataFailure.class)
        .hasMessageContaining("Value 1 of an image is " + value);
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 1, 2", "0, 1, 1, 0", "1, 0, 4, 0", "1, 2, 2, 3", "3, 1, 1, 1"})
  void invalidSizesAreRefused(int channels, int height, int width, int bytes) {
    assertThatThrownBy(() -> new Image(new ImageShape(channels, height, width), new byte[bytes]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anImageCopiesItsPixels() {
    var pixels = new byte[] {1, 2, 3};
    var image = new Image(new ImageShape(3, 1, 1), pixels);
    pixels[0] = 9;

    image.pixels()[1] = 9;

    assertThat(image.pixels()).containsExactly(1, 2, 3);
  }

  /** A row of pixels. */
  private static Image image(float... values) {
    return Image.ofNetwork(new ImageBatch(new ImageShape(1, 1, values.length), values)).get(0);
  }
}
