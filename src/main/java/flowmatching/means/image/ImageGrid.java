package flowmatching.means.image;

import flowmatching.base.failure.ConfigurationFailure;
import flowmatching.base.settings.ImageShape;
import java.util.List;

/** Contact sheets: a grid of images, laid out as by torchvision's {@code make_grid}. */
public final class ImageGrid {
  private static final int PADDING = 2;

  private ImageGrid() {}

  /**
   * The images row by row, with 2 black pixels between neighbours and around the grid. Unused cells
   * of the last row are black.
   *
   * @param images at least one, all of one shape [C, H, W]
   * @param columns the number of images in a full row
   * @return an image [C, rows * (H + 2) + 2, min(columns, images) * (W + 2) + 2]
   * @throws IllegalArgumentException if there is no image, no column, or an image of another shape
   * @throws ConfigurationFailure as {@link #checkSize}
   */
  public static Image of(List<Image> images, int columns) {
    if (images.isEmpty() || columns < 1) {
      throw new IllegalArgumentException(
          "A grid cannot have %d images in %d columns".formatted(images.size(), columns));
    }
    var first = images.get(0);
    var used = Math.min(columns, images.size());
    var rows = (images.size() + used - 1) / used;
    var height = rows * (first.height() + PADDING) + PADDING;
    var width = used * (first.width() + PADDING) + PADDING;
    checkSize(
        new ImageShape(first.channels(), first.height(), first.width()), images.size(), columns);
    var pixels = new byte[first.channels() * height * width];
    for (int i = 0; i < images.size(); i++) {
      var image = images.get(i);
      if (!image.sameShape(first)) {
        throw new IllegalArgumentException("Image %d has another shape than image 0".formatted(i));
      }
      var top = i / used * (image.height() + PADDING) + PADDING;
      var left = i % used * (image.width() + PADDING) + PADDING;
      for (int channel = 0; channel < image.channels(); channel++) {
        for (int row = 0; row < image.height(); row++) {
          for (int column = 0; column < image.width(); column++) {
            pixels[(channel * height + top + row) * width + left + column] =
                (byte) image.at(channel, row, column);
          }
        }
      }
    }
    return new Image(first.channels(), height, width, pixels);
  }

  /**
   * Checks that the pixels of a contact sheet fit into an array.
   *
   * @param images their number, at least one
   * @throws ConfigurationFailure if they do not
   */
  public static void checkSize(ImageShape shape, int images, int columns) {
    long used = Math.min(columns, images);
    long rows = (images + used - 1) / used;
    long pixels =
        (rows * (shape.height() + PADDING) + PADDING)
            * (used * (shape.width() + PADDING) + PADDING);
    if (shape.channels() * pixels > Integer.MAX_VALUE) {
      throw new ConfigurationFailure(
          "A picture of %d images of %s in %d columns has %d values, but an array has at most %d: give a smaller train.preview.count or sample.grid.images."
              .formatted(images, shape, columns, shape.channels() * pixels, Integer.MAX_VALUE));
    }
  }
}
