package flowmatching.unet;

import flowmatching.settings.ImageShape;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network of the U-Net's layers that tells classes of images apart. Input: square images {@code
 * [N, C, H, H]} with a height that is divisible by 4; output and label: the classes' probabilities
 * {@code [N, classes]}; loss: their cross-entropy.
 *
 * <p>A 3x3 convolution and two of 4x4 that halve the image, each with a group norm and a SiLU, then
 * one over the whole image with a ReLU, whose activations are its {@value #FEATURES}, and a dense
 * layer of the classes.
 */
public final class ImageClassifier {
  /** The vertex whose activations are an image's features. */
  public static final String FEATURES = "features";

  /** The vertex of the classes' probabilities. */
  public static final String CLASSES = "probabilities";

  private static final int[] CHANNELS = {16, 32, 64};
  private static final int GROUPS = 8;

  /** The share of features that training keeps in each step. */
  private static final double KEPT = 0.8;

  private ImageClassifier() {}

  /** A classifier whose parameters are all zero, trained by {@code updater}. */
  public static ComputationGraph create(
      ImageShape image, int features, int classes, IUpdater updater) {
    var graph =
        new NeuralNetConfiguration.Builder()
            .updater(updater)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .graphBuilder()
            .addInputs("image")
            .setOutputs(CLASSES);
    String x = "image";
    int in = image.channels();
    for (int i = 0; i < CHANNELS.length; i++) {
      int out = CHANNELS[i];
      Convolution convolution =
          i == 0 ? Convolution.of3x3(in, out) : new Convolution(in, out, 4, 2, 1);
      graph.addVertex(
          "conv" + i, new LayerVertex("conv" + i, convolution, updater, Kernels.ofBackend()), x);
      x = "norm" + i;
      graph.addVertex(
          x,
          new LayerVertex(x, new GroupNorm(out, GROUPS, true), updater, Kernels.ofBackend()),
          "conv" + i);
      in = out;
    }
    // Not a dense layer, whose product of matrices gives an image other bits at another place of
    // its batch.
    Convolution whole = new Convolution(in, features, image.height() / 4, 1, 0);
    graph.addVertex("whole", new LayerVertex("whole", whole, updater, Kernels.ofBackend()), x);
    graph.addLayer(FEATURES, new ActivationLayer(Activation.RELU), "whole");
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
    var network = new ComputationGraph(graph.build());
    network.init();
    network.params().assign(0);
    return network;
  }
}
