package flowmatching.work.evaluate;

import flowmatching.base.settings.ImageShape;
import java.util.List;

/** An extractor like one of another jar, whose feature is NaN for dark images. */
public final class UndefinedFeatures implements FeatureExtractor {
  @Override
  public String name() {
    return "undefined";
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public ImageShape image() {
    return FashionClassifier.IMAGE;
  }

  @Override
  public int features() {
    return 1;
  }

  @Override
  public List<String> classes() {
    return List.of("any");
  }

  @Override
  public List<Features> of(List<byte[]> images) {
    return images.stream()
        .map(image -> new Features(new float[] {(float) Math.log(mean(image) - 30)}, 0))
        .toList();
  }

  @Override
  public void close() {}

  private static double mean(byte[] image) {
    double sum = 0;
    for (byte pixel : image) {
      sum += Byte.toUnsignedInt(pixel);
    }
    return sum / image.length;
  }
}
