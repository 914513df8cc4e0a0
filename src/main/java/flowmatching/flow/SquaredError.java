package flowmatching.flow;

/**
 * The loss of an image: weight * mean((v - u)^2) over its C * H * W elements, with the network's
 * velocity v and the path's velocity u (Lipman et al. 2022, arXiv:2210.02747, equation 9).
 */
public final class SquaredError {
  private SquaredError() {}

  /** The sum of the images' losses for the network's velocities {@code [N, C, H, W]}. */
  public static double sum(ImageBatch velocities, Minibatch minibatch) {
    float[] values = velocities.values();
    float[] target = minibatch.velocities().values();
    int elements = velocities.shape().values();
    double sum = 0;
    for (int image = 0; image < minibatch.images(); image++) {
      double squares = 0;
      for (int i = image * elements; i < (image + 1) * elements; i++) {
        double difference = values[i] - target[i];
        squares += difference * difference;
      }
      sum += minibatch.weights()[image] * squares;
    }
    return sum / elements;
  }

  /** The gradient of {@link #sum} with respect to the velocities, {@code [N, C, H, W]}. */
  public static ImageBatch gradient(ImageBatch velocities, Minibatch minibatch) {
    float[] values = velocities.values();
    float[] target = minibatch.velocities().values();
    float[] gradient = new float[values.length];
    int elements = velocities.shape().values();
    for (int image = 0; image < minibatch.images(); image++) {
      float factor = (float) (2.0 * minibatch.weights()[image] / elements);
      for (int i = image * elements; i < (image + 1) * elements; i++) {
        gradient[i] = factor * (values[i] - target[i]);
      }
    }
    return new ImageBatch(velocities.shape(), gradient);
  }
}
