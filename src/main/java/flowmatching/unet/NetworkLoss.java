package flowmatching.unet;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** The loss of a network on images that it does not learn from. */
public final class NetworkLoss {
  private NetworkLoss() {}

  /**
   * The mean squared error over all elements of the velocity. {@link ComputationGraph#score} says
   * the same, and allocates the activations of each layer anew.
   *
   * @param minibatch x_t {@code [N, C, H, W]} and t {@code [N, 1]}, and the velocity {@code [N, C,
   *     H, W]}
   */
  public static double of(ComputationGraph network, MultiDataSet minibatch) {
    INDArray output = network.outputSingle(minibatch.getFeatures());
    try {
      float[] velocity = values(output);
      float[] target = values(minibatch.getLabels(0));
      double sum = 0;
      for (int i = 0; i < velocity.length; i++) {
        double difference = velocity[i] - target[i];
        sum += difference * difference;
      }
      return sum / velocity.length;
    } finally {
      NetworkVelocity.closeIfAllowed(output);
    }
  }

  private static float[] values(INDArray array) {
    return array.reshape(array.length()).toFloatVector();
  }
}
