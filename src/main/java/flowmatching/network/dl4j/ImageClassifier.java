package flowmatching.network.dl4j;

import flowmatching.base.settings.ImageShape;
import flowmatching.flow.ImageBatch;
import flowmatching.network.TensorLayout;
import flowmatching.network.TensorLayout.Tensor;
import flowmatching.network.onednn.ImageFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A classifier with the U-Net's layers, used by one thread at a time. It takes square images {@code
 * [N, C, H, H]} whose height is divisible by 4.
 *
 * <p>A 3x3 convolution and two 4x4 convolutions that halve the image, each with a group norm and a
 * SiLU; a convolution over the whole image with a ReLU, whose activations are the features; and a
 * dense layer to the classes.
 */
public final class ImageClassifier implements AutoCloseable {
  private static final String WHOLE = "whole";
  private static final String FEATURES = "features";
  private static final String CLASSES = "probabilities";

  private static final int[] CHANNELS = {16, 32, 64};
  private static final int GROUPS = 8;

  /** The share of features that dropout keeps in a training step. */
  private static final double KEPT = 0.8;

  private final ComputationGraph graph;
  private final GraphVectors vectors;
  private final int features;
  private final int classes;

  /** The layers up to the features, without the ReLU; empty on a GPU. */
  private final Optional<ImageFunction> oneDnn;

  /** Weights {@code [classes, features]} and biases {@code [classes]} of the dense layer. */
  private float[] classWeights = {};

  private float[] classBiases = {};

  /** A classifier with all parameters zero. */
  public ImageClassifier(ImageShape image, int features, int classes) {
    this.graph = new ComputationGraph(configuration(image, features, classes));
    graph.init();
    this.vectors = new GraphVectors(graph);
    this.features = features;
    this.classes = classes;
    this.oneDnn =
        UNet.computesOnProcessor()
            ? Optional.of(
                new ImageFunction(GraphLayers.of(graph.getConfiguration(), WHOLE), layout(), image))
            : Optional.empty();
    assign(new float[layout().length()]);
  }

  private static ComputationGraphConfiguration configuration(
      ImageShape image, int features, int classes) {
    var graph = new NeuralNetConfiguration.Builder().updater(new NoOp()).graphBuilder();
    graph.addInputs("image").setOutputs(CLASSES);
    String x = "image";
    int in = image.channels();
    for (int i = 0; i < CHANNELS.length; i++) {
      int out = CHANNELS[i];
      Convolution convolution =
          i == 0 ? Convolution.of3x3(in, out) : new Convolution(in, out, 4, 2, 1);
      graph.addVertex("conv" + i, vertex(convolution), x);
      x = "norm" + i;
      graph.addVertex(x, vertex(new GroupNorm(out, GROUPS, true)), "conv" + i);
      in = out;
    }
    // Not a dense layer: with its matrix product, an image's bits depend on its index in the batch.
    Convolution whole = new Convolution(in, features, image.height() / 4, 1, 0);
    graph.addVertex(WHOLE, vertex(whole), x);
    graph.addLayer(FEATURES, new ActivationLayer(Activation.RELU), WHOLE);
    graph.addLayer(
        "classes",
        new DenseLayer.Builder()
            .nIn(features)
            .nOut(classes)
            .activation(Activation.IDENTITY)
            .dropOut(KEPT)
            .build(),
        new CnnToFeedForwardPreProcessor(1, 1, features),
        FEATURES);
    graph.addLayer(
        CLASSES,
        new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build(),
        "classes");
    return graph.build();
  }

  private static LayerVertex vertex(LayerSettings layer) {
    return new LayerVertex(layer);
  }

  /** Names, shapes and positions of the parameters, as in PyTorch. */
  public TensorLayout layout() {
    return vectors.layout();
  }

  /** PyTorch's default initialisation, a function of the seed. */
  public float[] initialParameters(long seed) {
    return new GraphParameters(graph.getConfiguration()).initial(seed);
  }

  /** Sets all parameters, in the order of the layout. */
  public void assign(float[] values) {
    vectors.write(values, graph.params());
    oneDnn.ifPresent(function -> function.assign(values));
    for (Tensor tensor : layout().tensors()) {
      if (tensor.name().equals("classes.weight")) {
        classWeights = tensor.of(values);
      } else if (tensor.name().equals("classes.bias")) {
        classBiases = tensor.of(values);
      }
    }
  }

  /**
   * The classifier's output for an image.
   *
   * @param features the activations before the classes
   * @param predictedClass the most likely class, from 0
   */
  // Instances are never compared.
  @SuppressWarnings("ArrayRecordComponent")
  public record Prediction(float[] features, int predictedClass) {}

  /** Classifies images {@code [N, C, H, H]}: N predictions. */
  public List<Prediction> predict(ImageBatch images) {
    return oneDnn
        .map(function -> predictions(function.of(images)))
        .orElseGet(() -> predictByDl4j(images));
  }

  /** Predictions from the features before the ReLU, {@code [N, features]}. */
  private List<Prediction> predictions(float[] all) {
    return IntStream.range(0, all.length / features)
        .mapToObj(
            i -> {
              float[] ofImage = Arrays.copyOfRange(all, i * features, (i + 1) * features);
              for (int f = 0; f < features; f++) {
                ofImage[f] = Math.max(0, ofImage[f]);
              }
              return new Prediction(ofImage, likeliest(ofImage));
            })
        .toList();
  }

  private int likeliest(float[] ofImage) {
    int likeliest = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      double score = classBiases[c];
      for (int f = 0; f < features; f++) {
        score += (double) classWeights[c * features + f] * ofImage[f];
      }
      if (score > highest) {
        highest = score;
        likeliest = c;
      }
    }
    return likeliest;
  }

  private List<Prediction> predictByDl4j(ImageBatch images) {
    INDArray input = FloatArrays.of(images);
    Map<String, INDArray> activations = graph.feedForward(input, false);
    try (INDArray likeliest = activations.get(CLASSES).argMax(1)) {
      int[] predicted = likeliest.toIntVector();
      float[] all = FloatArrays.of(activations.get(FEATURES));
      int length = all.length / predicted.length;
      return IntStream.range(0, predicted.length)
          .mapToObj(
              i ->
                  new Prediction(
                      Arrays.copyOfRange(all, i * length, (i + 1) * length), predicted[i]))
          .toList();
    } finally {
      // Every layer's activations and the input: too much memory to leave to garbage collection.
      activations.values().stream().filter(INDArray::closeable).forEach(INDArray::close);
    }
  }

  /**
   * The cross-entropy of images and its gradient, with new dropout.
   *
   * @param images {@code [N, C, H, H]}
   * @param labels of the images, {@code [N]}, from 0
   * @param gradient is overwritten with the gradient of the sum, in the order of the layout
   * @return the sum over the images
   */
  public double gradient(ImageBatch images, int[] labels, float[] gradient) {
    try (INDArray input = FloatArrays.of(images);
        INDArray oneHot = Nd4j.zeros(labels.length, classes)) {
      for (int i = 0; i < labels.length; i++) {
        oneHot.putScalar(i, labels[i], 1);
      }
      graph.setInputs(input);
      graph.setLabels(oneHot);
      graph.computeGradientAndScore();
      double losses = graph.score() * labels.length;
      graph.clear();
      vectors.read(graph.getFlattenedGradients(), gradient);
      return losses;
    }
  }

  @Override
  public void close() {
    oneDnn.ifPresent(ImageFunction::close);
    GraphMemory.free(graph);
  }
}
