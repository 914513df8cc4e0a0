package flowmatching.flow;

/** All times are as likely. */
public record UniformTimes() implements TimeDistribution {
  @Override
  public float time(float uniform) {
    return uniform;
  }
}
