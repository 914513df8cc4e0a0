package flowmatching.network.backend;

import java.io.Serializable;
import java.util.Comparator;

/** A compute capability: NVIDIA's number for the instructions of a GPU. */
public record Capability(int major, int minor) implements Comparable<Capability>, Serializable {
  /** As code is labelled with it, 86 for 8.6. */
  static Capability ofCode(int code) {
    return new Capability(code / 10, code % 10);
  }

  /**
   * As nvidia-smi writes it, {@code 8.6}.
   *
   * @throws NumberFormatException where it is another text
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
