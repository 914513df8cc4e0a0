package flowmatching.means.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Index.atIndex;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.settings.ImageShape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void everyIntensityIsEncodedUnchanged(int channels) throws IOException {
    var image = everyIntensity(channels);
    var read = ImageIO.read(new ByteArrayInputStream(Png.encode(image)));

    assertThat(read.getWidth()).isEqualTo(32);
    assertThat(read.getHeight()).isEqualTo(8);
    assertThat(read.getRaster().getNumBands()).isEqualTo(channels);
    for (int channel = 0; channel < channels; channel++) {
      for (int row = 0; row < 8; row++) {
        for (int column = 0; column < 32; column++) {
          assertThat(read.getRaster().getSample(column, row, channel))
              .isEqualTo(image.at(channel, row, column));
        }
      }
    }
  }

  @Test
  void theHeaderIsEightBitGreyOrRgb() {
    // Byte 24 of a PNG file is the bit depth, byte 25 the colour type: 0 is grey, 2 is RGB.
    assertThat(Png.encode(everyIntensity(1))).contains(8, atIndex(24)).contains(0, atIndex(25));
    assertThat(Png.encode(everyIntensity(3))).contains(8, atIndex(24)).contains(2, atIndex(25));
  }

  @Test
  void theSameImageGivesTheSameBytes() {
    assertThat(Png.encode(everyIntensity(3))).isEqualTo(Png.encode(everyIntensity(3)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anEncodedImageIsDecodedUnchanged(int channels) {
    var image = everyIntensity(channels);
    assertThat(Png.decode(Png.encode(image), "test.png", new ImageShape(channels, 8, 32)))
        .usingRecursiveComparison()
        .isEqualTo(image);
  }

  @Test
  void bytesThatAreNotAPngFileAreRefusedWithTheirOrigin() {
    var truncated = Arrays.copyOf(Png.encode(everyIntensity(3)), 60);
    for (var bytes : List.of(new byte[0], "text".getBytes(StandardCharsets.UTF_8), truncated)) {
      assertThatThrownBy(() -> Png.decode(bytes, "7.png", new ImageShape(3, 8, 32)))
          .isInstanceOf(DataFailure.class)
          .hasMessageContaining("7.png");
    }
  }

  /** [C, 8, 32]: 0 to 255 in the first channel, and in other orders in the others. */
  private static Image everyIntensity(int channels) {
    var pixels = new byte[channels * 256];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * (2 * (i / 256) + 1));
    }
    return new Image(new ImageShape(channels, 8, 32), pixels);
  }
}
