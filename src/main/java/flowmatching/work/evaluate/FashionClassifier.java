package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.format.Sha256;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.ImageShape;
import java.io.IOException;
import java.util.List;

/** The bundled classifier, whose features compare images of Fashion-MNIST. */
public final class FashionClassifier implements FeatureExtractor {
  /** The resource of its weights, beside this class. */
  public static final String WEIGHTS = "fashion-classifier.safetensors";

  /** Distances by other weights cannot be compared: they would be another extractor. */
  private static final String SHA_256 =
      "e3dbf75aedb28c43b307bd1c9990f311187107bdaa43af94238017ea9dde5ae3";

  /** In the order of the labels. */
  private static final List<String> NAMES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private final Classifier classifier;

  /** For {@link java.util.ServiceLoader}. */
  public FashionClassifier() {
    byte[] file = file();
    if (!Sha256.of(file).equals(SHA_256)) {
      throw new DataFailure(
          "The classifier in this jar is not the one that evaluations use (SHA-256 %s, expected %s): build or copy the jar again."
              .formatted(Sha256.of(file), SHA_256));
    }
    this.classifier = Classifier.of(SafeTensors.read(file, WEIGHTS));
  }

  private static byte[] file() {
    try (var in = FashionClassifier.class.getResourceAsStream(WEIGHTS)) {
      return in == null ? new byte[0] : in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError("Resources of the jar can always be read.", e);
    }
  }

  @Override
  public String name() {
    return "fashion-classifier";
  }

  @Override
  public String version() {
    return "sha256 " + SHA_256;
  }

  @Override
  public String dataSet() {
    return "Fashion-MNIST";
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
  public List<String> classes() {
    return NAMES;
  }

  @Override
  public List<Features> of(List<byte[]> images) {
    return classifier.features(images);
  }

  @Override
  public void close() {
    classifier.close();
  }
}
