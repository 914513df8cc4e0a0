package flowmatching.flow;

/** The loss counts the same at each time. */
public record EqualWeights() implements LossWeighting {
  @Override
  public float weight(float time) {
    return 1;
  }
}
