package flowmatching.evaluate;

import flowmatching.image.PixelScale;
import flowmatching.model.LayoutTensors;
import flowmatching.safetensors.NamedTensor;
import flowmatching.settings.ImageShape;
import flowmatching.unet.ImageClassifier;
import java.util.List;
import java.util.Map;

/** A network that tells the ten classes of Fashion-MNIST apart, for one thread at a time. */
record Classifier(ImageClassifier network) implements AutoCloseable {
  static final ImageShape IMAGE = new ImageShape(1, 28, 28);
  static final int FEATURES = 64;
  static final int CLASSES = 10;

  /** One that has learned nothing. */
  static Classifier create() {
    return new Classifier(new ImageClassifier(IMAGE, FEATURES, CLASSES));
  }

  /** One with weights of a file, all of them. */
  static Classifier of(Map<String, NamedTensor> weights) {
    Classifier classifier = create();
    ImageClassifier network = classifier.network();
    network.assign(LayoutTensors.vector(network.layout(), "", weights));
    return classifier;
  }

  List<FeatureExtractor.Features> features(List<byte[]> images) {
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
