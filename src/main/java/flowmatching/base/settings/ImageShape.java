package flowmatching.base.settings;

import flowmatching.base.failure.ConfigurationFailure;
import java.io.Serializable;

/** The shape [C, H, W] of an image: colour channels, rows and columns of pixels. */
public record ImageShape(int channels, int height, int width) implements Serializable {

  /** Values of an image. */
  public int values() {
    return Math.multiplyExact(channels, Math.multiplyExact(height, width));
  }

  /**
   * Values of so many images at once.
   *
   * @throws ConfigurationFailure if an array cannot hold as many
   */
  public int values(int images) {
    long values = (long) images * values();
    if (values > Integer.MAX_VALUE) {
      throw new ConfigurationFailure(
          "%d images of %s at once are %d values, and an array holds %d at most: give a smaller batch (train.batch-size or sample.batch-size), or a smaller train.preview.count."
              .formatted(images, this, values, Integer.MAX_VALUE));
    }
    return (int) values;
  }

  /** As a sentence has it: 1x28x28. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
