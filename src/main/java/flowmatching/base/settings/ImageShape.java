package flowmatching.base.settings;

import flowmatching.base.failure.ConfigurationFailure;
import java.io.Serializable;

/** The shape [C, H, W] of an image: colour channels, pixel rows, pixel columns. */
public record ImageShape(int channels, int height, int width) implements Serializable {

  /** The number of values of an image. */
  public int values() {
    return Math.multiplyExact(channels, Math.multiplyExact(height, width));
  }

  /**
   * The number of values of a batch [N, C, H, W].
   *
   * @throws ConfigurationFailure if an array cannot hold them
   */
  public int values(int images) {
    long values = (long) images * values();
    if (values > Integer.MAX_VALUE) {
      throw new ConfigurationFailure(
          "%d images of %s at once are %d values, but an array holds at most %d: use a smaller batch (train.batch-size or sample.batch-size) or a smaller train.preview.count."
              .formatted(images, this, values, Integer.MAX_VALUE));
    }
    return (int) values;
  }

  /** For messages: 1x28x28. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
