package flowmatching.network.optimiser;

/** The vectors of a {@link TrainingState}, each with one value per parameter. */
public enum Slot {
  /** The network's parameters. */
  PARAMETERS("parameters"),

  /** Adam's first moment: the moving average of the gradients. */
  FIRST_MOMENT("exp_avg"),

  /** Adam's second moment: the moving average of the squared gradients. */
  SECOND_MOMENT("exp_avg_sq"),

  /** The exponential moving average of the parameters. */
  AVERAGE("ema");

  private final String tensorPrefix;

  Slot(String tensorPrefix) {
    this.tensorPrefix = tensorPrefix;
  }

  /** The prefix, before a dot, of this slot's tensor names in files. PyTorch's names. */
  public String tensorPrefix() {
    return tensorPrefix;
  }
}
