package flowmatching.work.evaluate;

import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.PixelScale;
import flowmatching.means.model.LayoutTensors;
import flowmatching.network.dl4j.ImageClassifier;
import java.util.List;
import java.util.Map;

/** A network that tells the ten classes of Fashion-MNIST apart, for one thread at a time. */
public record Classifier(ImageClassifier network) implements AutoCloseable {
  /** Of the images that it takes. */
  public static final ImageShape IMAGE = new ImageShape(1, 28, 28);

  static final int FEATURES = 64;
  static final int CLASSES = 10;

  /** One that has learned nothing. */
  public static Classifier create() {
    return new Classifier(new ImageClassifier(IMAGE, FEATURES, CLASSES));
  }

  /** One with weights of a file, all of them. */
  static Classifier of(Map<String, NamedTensor> weights) {
    Classifier classifier = create();
    ImageClassifier network = classifier.network();
    network.assign(LayoutTensors.vector(network.layout(), "", weights));
    return classifier;
  }

  /** What it says of images, each unsigned bytes {@code [1, 28, 28]}. */
  public List<FeatureExtractor.Features> features(List<byte[]> images) {
    return network.predict(PixelScale.batch(IMAGE, images)).stream()
        .map(
            prediction ->
                new FeatureExtractor.Features(prediction.features(), prediction.predictedClass()))
        .toList();
  }

  @Override
  public void close() {
    network.close();
  }
}
