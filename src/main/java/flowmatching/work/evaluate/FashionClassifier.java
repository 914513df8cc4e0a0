package flowmatching.work.evaluate;

import flowmatching.base.failure.DataFailure;
import flowmatching.base.safetensors.SafeTensors;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.PixelScale;
import flowmatching.means.model.LayoutTensors;
import flowmatching.network.dl4j.ImageClassifier;
import java.io.IOException;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/** The bundled classifier of Fashion-MNIST's ten classes. Not thread-safe. */
public final class FashionClassifier implements FeatureExtractor {
  /** The resource of its weights, beside this class. */
  public static final String WEIGHTS = "fashion-classifier.safetensors";

  public static final ImageShape IMAGE = new ImageShape(1, 28, 28);

  private static final int FEATURES = 64;

  /** Distances by other weights cannot be compared: they would be another extractor. */
  private static final String SHA_256 =
      "e3dbf75aedb28c43b307bd1c9990f311187107bdaa43af94238017ea9dde5ae3";

  /** In the order of the labels. */
  private static final List<String> CLASSES =
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

  private final ImageClassifier network;

  /** For {@link java.util.ServiceLoader}. */
  public FashionClassifier() {
    byte[] file = file();
    String digest = DigestUtils.sha256Hex(file);
    if (!digest.equals(SHA_256)) {
      throw new DataFailure(
          "The classifier in this jar is not the one that evaluations use (SHA-256 %s, expected %s): build or copy the jar again."
              .formatted(digest, SHA_256));
    }
    this.network = untrained();
    network.assign(LayoutTensors.vector(network.layout(), "", SafeTensors.read(file, WEIGHTS)));
  }

  private static byte[] file() {
    try (var in = FashionClassifier.class.getResourceAsStream(WEIGHTS)) {
      return in == null ? new byte[0] : in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError("Resources of the jar can always be read.", e);
    }
  }

  /** A network of its kind with all parameters zero. */
  public static ImageClassifier untrained() {
    return new ImageClassifier(IMAGE, FEATURES, CLASSES.size());
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
    return IMAGE;
  }

  @Override
  public int features() {
    return FEATURES;
  }

  @Override
  public List<String> classes() {
    return CLASSES;
  }

  @Override
  public List<Features> of(List<byte[]> images) {
    return network.predict(PixelScale.batch(IMAGE, images)).stream()
        .map(prediction -> new Features(prediction.features(), prediction.predictedClass()))
        .toList();
  }

  @Override
  public void close() {
    network.close();
  }
}
