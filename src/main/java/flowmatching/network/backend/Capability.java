package flowmatching.network.backend;

import java.io.Serializable;
import java.util.Comparator;

/** A GPU's compute capability: NVIDIA's version of its instruction set. */
public record Capability(int major, int minor) implements Comparable<Capability>, Serializable {
  /** From the number in compiled code: 86 for 8.6. */
  static Capability ofCode(int code) {
    return new Capability(code / 10, code % 10);
  }

  /**
   * From nvidia-smi's form, {@code 8.6}.
   *
   * @throws NumberFormatException if the text has another form
   */
  static Capability parse(String text) {
    int point = text.indexOf('.');
    if (point < 0) {
      throw new NumberFormatException(text);
    }
    return new Capability(
        Integer.parseInt(text.substring(0, point)), Integer.parseInt(text.substring(point + 1)));
  }

  @Override
  public int compareTo(Capability other) {
    return Comparator.comparingInt(Capability::major)
        .thenComparingInt(Capability::minor)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
