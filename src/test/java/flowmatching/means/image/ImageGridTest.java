package flowmatching.means.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.settings.ImageShape;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageGridTest {
  @Test
  void aSheetTooLargeForAnArrayIsAConfigurationFailure() {
    ImageShape shape = new ImageShape(3, 1024, 1024);
    ImageGrid.checkSize(shape, 640, 16);
    assertThatThrownBy(() -> ImageGrid.checkSize(shape, 4096, 64))
        .isInstanceOf(ConfigurationFailure.class)
        .hasMessageContaining("A picture of 4096 images of 3x1024x1024 in 64 columns has 1293")
        .hasMessageContaining("give a smaller train.preview.count or sample.grid.images");
  }

  @Test
  void aGridHasBlackLinesBetweenItsImagesAndBlackCellsAfterTheLast() {
    var grid = ImageGrid.of(List.of(pair(10, 20), pair(30, 40), pair(50, 60)), 2);

    var black = new byte[10];
    var expected =
        List.of(
            black,
            black,
            new byte[] {0, 0, 10, 20, 0, 0, 30, 40, 0, 0},
            black,
            black,
            new byte[] {0, 0, 50, 60, 0, 0, 0, 0, 0, 0},
            black,
            black);
    assertThat(rows(grid)).containsExactlyElementsOf(expected);
  }

  @Test
  void aGridIsNoWiderThanItsImages() {
    var grid = ImageGrid.of(List.of(pair(10, 20)), 16);

    assertThat(grid.shape()).isEqualTo(new ImageShape(1, 5, 6));
  }

  @Test
  void aGridKeepsColours() {
    var image = new Image(new ImageShape(3, 1, 1), new byte[] {1, 2, 3});
    var grid = ImageGrid.of(Collections.nCopies(2, image), 2);

    for (int channel = 0; channel < 3; channel++) {
      assertThat(grid.at(channel, 2, 2)).isEqualTo(channel + 1);
      assertThat(grid.at(channel, 2, 5)).isEqualTo(channel + 1);
    }
  }

  @Test
  void imagesOfTwoShapesAreRefused() {
    assertThatThrownBy(
            () ->
                ImageGrid.of(
                    List.of(pair(1, 2), new Image(new ImageShape(1, 2, 1), new byte[2])), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Image 1 has another shape than image 0");
  }

  private static Image pair(int left, int right) {
    return new Image(new ImageShape(1, 1, 2), new byte[] {(byte) left, (byte) right});
  }

  private static List<byte[]> rows(Image image) {
    return IntStream.range(0, image.shape().height())
        .mapToObj(
            row -> {
              var values = new byte[image.shape().width()];
              for (int column = 0; column < values.length; column++) {
                values[column] = (byte) image.at(0, row, column);
              }
              return values;
            })
        .toList();
  }
}
