package flowmatching.evaluate;

import flowmatching.settings.ImageShape;
import flowmatching.unet.ImageClassifier;
import flowmatching.unet.NamedTensor;
import flowmatching.unet.UNet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;

/** A network that tells the ten classes of Fashion-MNIST apart, for one thread at a time. */
record Classifier(ComputationGraph network) implements AutoCloseable {
  static final ImageShape IMAGE = new ImageShape(1, 28, 28);
  static final int FEATURES = 64;
  static final int CLASSES = 10;

  /** One that has learned nothing. */
  static Classifier create(IUpdater updater, long seed) {
    var network = ImageClassifier.create(IMAGE, FEATURES, CLASSES, updater);
    UNet.initialise(network, seed);
    return new Classifier(network);
  }

  /** One with weights of a file, all of them. */
  static Classifier of(Map<String, NamedTensor> weights) {
    var network = ImageClassifier.create(IMAGE, FEATURES, CLASSES, new NoOp());
    UNet.parameters(network).forEach((name, view) -> weights.get(name).assignTo(view));
    return new Classifier(network);
  }

  /** The images as the network takes them, {@code [N, 1, 28, 28]} from -1 to 1. */
  static INDArray input(List<byte[]> images) {
    float[] values = new float[IMAGE.values(images.size())];
    int next = 0;
    for (byte[] image : images) {
      for (byte pixel : image) {
        values[next++] = Byte.toUnsignedInt(pixel) / 127.5f - 1;
      }
    }
    return Nd4j.create(values, new long[] {images.size(), 1, IMAGE.height(), IMAGE.width()}, 'c');
  }

  List<FeatureExtractor.Features> features(List<byte[]> images) {
    Map<String, INDArray> activations = network.feedForward(input(images), false);
    try (INDArray classes = activations.get(ImageClassifier.CLASSES).argMax(1)) {
      int[] predicted = classes.toIntVector();
      float[] vectors =
          NamedTensor.of("vectors", activations.get(ImageClassifier.FEATURES)).values();
      return IntStream.range(0, predicted.length)
          .mapToObj(
              i ->
                  new FeatureExtractor.Features(
                      Arrays.copyOfRange(vectors, i * FEATURES, (i + 1) * FEATURES), predicted[i]))
          .toList();
    } finally {
      // All layers of a batch, the input among them: more than the heap would make Java collect.
      activations.values().stream().filter(INDArray::closeable).forEach(INDArray::close);
    }
  }

  @Override
  public void close() {
    network.close();
  }

  /** The weights by name, in PyTorch's layouts. */
  List<NamedTensor> weights() {
    return UNet.parameters(network).entrySet().stream()
        .map(entry -> NamedTensor.of(entry.getKey(), entry.getValue()))
        .toList();
  }
}
