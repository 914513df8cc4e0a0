package flowmatching.network.optimiser;

import java.io.Serializable;

/**
 * Adam as PyTorch computes it (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), with beta 0.9 and
 * 0.999 and epsilon 1e-8.
 */
public record Adam(LearningRate learningRate) implements Serializable {
  private static final float BETA_1 = 0.9f;
  private static final float BETA_2 = 0.999f;
  private static final double EPSILON = 1e-8;

  /**
   * Makes a step: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, x = x - a m /
   * (sqrt(v) + e), with a = rate sqrt(1 - beta2^n) / (1 - beta1^n) and e = epsilon sqrt(1 -
   * beta2^n) in the n-th step.
   *
   * @param state x, m and v, whose vectors are changed
   * @param gradient g, of the sum of the losses of so many images
   * @param images of the minibatch
   * @return the state after the step, of the same vectors
   */
  public TrainingState step(TrainingState state, float[] gradient, int images) {
    float[] parameters = state.values(Slot.PARAMETERS);
    float[] first = state.values(Slot.FIRST_MOMENT);
    float[] second = state.values(Slot.SECOND_MOMENT);
    double n = state.step() + 1.0;
    double correction = Math.sqrt(1 - Math.pow(BETA_2, n));
    float size = (float) (learningRate.at(state.step()) * correction / (1 - Math.pow(BETA_1, n)));
    float epsilon = (float) (EPSILON * correction);
    for (int i = 0; i < parameters.length; i++) {
      float g = gradient[i] / images;
      float m = BETA_1 * first[i] + g * (1 - BETA_1);
      float v = BETA_2 * second[i] + g * g * (1 - BETA_2);
      first[i] = m;
      second[i] = v;
      parameters[i] -= m * size / ((float) Math.sqrt(v) + epsilon);
    }
    return new TrainingState(state.layout(), state.slots(), state.step() + 1);
  }
}
