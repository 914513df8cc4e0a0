package flowmatching.flow;

/** The uniform distribution of times on [0, 1). */
public record UniformTimes() implements TimeDistribution {
  @Override
  public float time(float uniform) {
    return uniform;
  }
}
