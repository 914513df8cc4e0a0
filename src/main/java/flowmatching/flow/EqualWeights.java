package flowmatching.flow;

/** The weight 1 at every time. */
public record EqualWeights() implements LossWeighting {
  @Override
  public float weight(float time) {
    return 1;
  }
}
