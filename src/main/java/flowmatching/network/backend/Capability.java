package flowmatching.network.backend;

import java.io.Serializable;

/** A GPU's compute capability: NVIDIA's version of its instruction set. */
public record Capability(int major, int minor) implements Comparable<Capability>, Serializable {
  /**
   * From nvidia-smi's form, {@code 8.6}.
   *
   * @throws NumberFormatException if the text has another form
   */
  static Capability parse(String text) {
    String[] numbers = text.split("\\.", 2);
    return new Capability(
        Integer.parseInt(numbers[0]), Integer.parseInt(numbers.length > 1 ? numbers[1] : ""));
  }

  @Override
  public int compareTo(Capability other) {
    return major == other.major
        ? Integer.compare(minor, other.minor)
        : Integer.compare(major, other.major);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
