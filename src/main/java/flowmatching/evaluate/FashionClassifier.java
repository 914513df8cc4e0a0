package flowmatching.evaluate;

import flowmatching.settings.ImageShape;
import flowmatching.storage.Sha256;
import flowmatching.unet.SafeTensors;
import java.io.IOException;
import java.util.List;

/** The classifier that this program brings, whose features compare images of Fashion-MNIST. */
public final class FashionClassifier implements FeatureExtractor {
  static final String WEIGHTS = "fashion-classifier.safetensors";

  private final Classifier classifier;
  private final String version;

  /** For {@link java.util.ServiceLoader}. */
  public FashionClassifier() {
    byte[] file = file();
    this.version = "sha256 " + Sha256.of(file);
    this.classifier = Classifier.of(SafeTensors.read(file, WEIGHTS));
  }

  private static byte[] file() {
    try (var in = FashionClassifier.class.getResourceAsStream(WEIGHTS)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError("The jar holds " + WEIGHTS, e);
    }
  }

  @Override
  public String name() {
    return "fashion-classifier";
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public ImageShape image() {
    return Classifier.IMAGE;
  }

  @Override
  public int features() {
    return Classifier.FEATURES;
  }

  @Override
  public int classes() {
    return Classifier.CLASSES;
  }

  @Override
  public List<Features> of(List<byte[]> images) {
    return classifier.features(images);
  }
}
