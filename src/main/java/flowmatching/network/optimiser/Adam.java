package flowmatching.network.optimiser;

import java.io.Serializable;

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) as PyTorch computes it, with beta1 = 0.9,
 * beta2 = 0.999, epsilon = 1e-8 and no weight decay. The terms are rounded to 32 bits where ND4J
 * rounds them, whose operation computed the first runs.
 *
 * @param learningRate of each step
 */
public record Adam(LearningRate learningRate) implements Serializable {
  private static final float BETA_1 = 0.9f;
  private static final float BETA_2 = 0.999f;
  private static final double EPSILON = 1e-8;

  /**
   * Makes step n, counted from 1, with the mean gradient g = gradient / images:
   *
   * <pre>{@code
   * m = beta1 m + (1 - beta1) g
   * v = beta2 v + (1 - beta2) g^2
   * x = x - a m / (sqrt(v) + e)
   * a = rate sqrt(1 - beta2^n) / (1 - beta1^n)
   * e = epsilon sqrt(1 - beta2^n)
   * }</pre>
   *
   * @param state x, m and v; its vectors are modified
   * @param gradient of the sum of the images' losses, in the order of the state's layout; not
   *     modified
   * @param images number of images in the minibatch, at least 1
   * @return the state after the step, over the same vectors
   */
  public TrainingState step(TrainingState state, float[] gradient, int images) {
    float[] parameters = state.values(Slot.PARAMETERS);
    float[] first = state.values(Slot.FIRST_MOMENT);
    float[] second = state.values(Slot.SECOND_MOMENT);
    double n = state.step() + 1.0;
    float rate = (float) learningRate.at(state.step());
    float power1 = (float) Math.pow(BETA_1, n);
    float power2 = (float) Math.pow(BETA_2, n);
    float size = (float) (rate * (float) Math.sqrt((float) (1.0 - power2)) / (1.0 - power1));
    float epsilon = (float) (EPSILON * Math.sqrt(1 - Math.pow(0.999, n)));
    for (int i = 0; i < parameters.length; i++) {
      float g = gradient[i] / images;
      float m = Math.fma(BETA_1, first[i], g * (1 - BETA_1));
      float v = Math.fma(BETA_2, second[i], g * g * (1 - BETA_2));
      first[i] = m;
      second[i] = v;
      parameters[i] -= m * size / ((float) Math.sqrt(v) + epsilon);
    }
    return new TrainingState(state.layout(), state.slots(), state.step() + 1);
  }
}
