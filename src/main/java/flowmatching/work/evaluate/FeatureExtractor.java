package flowmatching.work.evaluate;

import flowmatching.base.settings.ImageShape;
import java.util.List;

/**
 * Turns images into the feature vectors whose distance is measured. To replace the bundled
 * classifier, put another implementation on the class path as a {@link java.util.ServiceLoader}
 * service, and set {@code evaluate.extractor} to its name. Each task creates and closes its own.
 */
public interface FeatureExtractor extends AutoCloseable {
  /** The name for {@code evaluate.extractor}. */
  String name();

  /** Distinguishes it from others of that name, for example a digest of its weights. */
  String version();

  /**
   * The data set that its features are made for, such as {@code Fashion-MNIST}: for others there is
   * a warning. Empty if it suits any.
   */
  default String dataSet() {
    return "";
  }

  /** The shape [C, H, W] of the images that it takes. */
  ImageShape image();

  /** The length of a vector. */
  int features();

  /** Names of the classes that it predicts; empty if it predicts none. */
  List<String> classes();

  /**
   * The features of images, in their order.
   *
   * @param images each [C, H, W] unsigned bytes
   */
  List<Features> of(List<byte[]> images);

  @Override
  void close();

  /**
   * The features of an image.
   *
   * @param vector {@link #features} finite numbers
   * @param predictedClass index of the likeliest of {@link #classes}; -1 if there are none
   */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Features(float[] vector, int predictedClass) {}
}
