package flowmatching.network.optimiser;

/** A vector of a training's state, with a value for each parameter. */
public enum Slot {
  /** What the network computes with. */
  PARAMETERS("parameters"),

  /** Adam's mean of the gradients. */
  FIRST_MOMENT("exp_avg"),

  /** Adam's mean of the squared gradients. */
  SECOND_MOMENT("exp_avg_sq"),

  /** The exponential moving average of the parameters. */
  AVERAGE("ema");

  private final String tensorPrefix;

  Slot(String tensorPrefix) {
    this.tensorPrefix = tensorPrefix;
  }

  /** What stands, with a dot, before the names of this slot's tensors in files. PyTorch's names. */
  public String tensorPrefix() {
    return tensorPrefix;
  }
}
