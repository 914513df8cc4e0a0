package flowmatching;

/** The network of tests that train: as small as one for Fashion-MNIST's images can be. */
public final class TinyNetwork {
  /** Its settings, as an argument of a job. */
  public static final String MODEL =
      "model={channels=[8,16],mid-channels=[16,8],down-sample=[true],attention=[false],time-embedding=16}";

  private TinyNetwork() {}
}
