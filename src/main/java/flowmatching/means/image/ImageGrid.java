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
   * @param columns the number of images in a full row, at least one
   * @return an image [C, rows * (H + 2) + 2, min(columns, images) * (W + 2) + 2]
   * @throws IllegalArgumentException if an image has another shape
   * @throws ConfigurationFailure as {@link #checkSize}
   */
  public static Image of(List<Image> images, int columns) {
    var shape = images.get(0).shape();
    var used = Math.min(columns, images.size());
    var grid = checkSize(shape, images.size(), columns);
    var pixels = new byte[grid.values()];
    for (int i = 0; i < images.size(); i++) {
      var image = images.get(i);
      if (!image.shape().equals(shape)) {
        throw new IllegalArgumentException("Image %d has another shape than image 0".formatted(i));
      }
      var from = image.pixels();
      var top = i / used * (shape.height() + PADDING) + PADDING;
      var left = i % used * (shape.width() + PADDING) + PADDING;
      for (int channel = 0; channel < shape.channels(); channel++) {
        for (int row = 0; row < shape.height(); row++) {
          System.arraycopy(
              from,
              (channel * shape.height() + row) * shape.width(),
              pixels,
              (channel * grid.height() + top + row) * grid.width() + left,
              shape.width());
        }
      }
    }
    return new Image(grid, pixels);
  }

  /**
   * The shape of a contact sheet of at least one image.
   *
   * @throws ConfigurationFailure if its pixels do not fit into an array
   */
  public static ImageShape checkSize(ImageShape shape, int images, int columns) {
    long used = Math.min(columns, images);
    long height = (images + used - 1) / used * (shape.height() + PADDING) + PADDING;
    long width = used * (shape.width() + PADDING) + PADDING;
    long values = shape.channels() * height * width;
    if (values > Integer.MAX_VALUE) {
      throw new ConfigurationFailure(
          "A picture of %d images of %s in %d columns has %d values, but an array has at most %d: give a smaller train.preview.count or sample.grid.images."
              .formatted(images, shape, columns, values, Integer.MAX_VALUE));
    }
    return new ImageShape(shape.channels(), (int) height, (int) width);
  }
}
