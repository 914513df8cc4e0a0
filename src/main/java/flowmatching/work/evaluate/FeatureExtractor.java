package flowmatching.work.evaluate;

import flowmatching.base.settings.ImageShape;
import java.util.List;

/**
 * Turns images into the vectors that their distance is measured between. Another one than the
 * classifier that this program brings is plugged in as a {@link java.util.ServiceLoader} service on
 * the class path, and named by {@code evaluate.extractor}. Each task makes one, in its executor,
 * and closes it.
 */
public interface FeatureExtractor extends AutoCloseable {
  /** What {@code evaluate.extractor} names it by. */
  String name();

  /** What tells it from others of that name, such as the digest of its weights. */
  String version();

  /**
   * The name of the data set that its features are made for, such as {@code Fashion-MNIST}: others
   * are evaluated with a warning. Empty if for any.
   */
  default String dataSet() {
    return "";
  }

  /** The shape of the images that it takes. */
  ImageShape image();

  /** The length of a vector. */
  int features();

  /** Names of the classes it tells apart; none where it knows none. */
  List<String> classes();

  /**
   * The vectors of images.
   *
   * @param images pixels of each, C * H * W unsigned bytes, channel by channel and row by row
   */
  List<Features> of(List<byte[]> images);

  @Override
  void close();

  /**
   * What it makes of an image.
   *
   * @param vector as many numbers as {@link #features}
   * @param predictedClass the likeliest, its place among {@link #classes}, or -1 where it knows
   *     none
   */
  // A vector on its way, which is compared nowhere.
  @SuppressWarnings("ArrayRecordComponent")
  record Features(float[] vector, int predictedClass) {}
}
