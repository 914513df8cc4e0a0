package flowmatching.base.settings;

/** The format of a network's activations and products. All sums are of 32-bit floats. */
public enum Precision {
  /** {@link #BFLOAT16} if the processor computes with it, {@link #FLOAT32} otherwise. */
  AUTO,
  /** Floats of 32 bits. */
  FLOAT32,
  /** Floats of 16 bits with the exponents of {@link #FLOAT32}; parameters stay 32-bit floats. */
  BFLOAT16
}
