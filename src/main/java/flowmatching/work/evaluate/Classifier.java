package flowmatching.work.evaluate;

import flowmatching.base.safetensors.NamedTensor;
import flowmatching.base.settings.ImageShape;
import flowmatching.means.image.PixelScale;
import flowmatching.means.model.LayoutTensors;
import flowmatching.network.dl4j.ImageClassifier;
import java.util.List;
import java.util.Map;

/** A classifier of Fashion-MNIST's ten classes. Not thread-safe. */
public record Classifier(ImageClassifier network) implements AutoCloseable {
  public static final ImageShape IMAGE = new ImageShape(1, 28, 28);

  static final int FEATURES = 64;
  static final int CLASSES = 10;

  /** An untrained classifier. */
  public static Classifier create() {
    return new Classifier(new ImageClassifier(IMAGE, FEATURES, CLASSES));
  }

  /** A classifier with the weights of a file. */
  static Classifier of(Map<String, NamedTensor> weights) {
    Classifier classifier = create();
    ImageClassifier network = classifier.network();
    network.assign(LayoutTensors.vector(network.layout(), "", weights));
    return classifier;
  }

  /** The features of images, each {@code [1, 28, 28]} unsigned bytes. */
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
