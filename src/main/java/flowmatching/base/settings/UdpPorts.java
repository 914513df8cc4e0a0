package flowmatching.base.settings;

import java.io.Serializable;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The UDP ports that the processes of a run may open.
 *
 * @param first at least 1024, or 0 for any port
 * @param last at least {@code first}
 */
public record UdpPorts(int first, int last) implements Serializable {
  public static final UdpPorts ANY = new UdpPorts(0, 0);

  /** Reads FIRST-LAST. */
  static Optional<UdpPorts> parse(String text) {
    if (!text.matches("\\d{4,5}-\\d{4,5}")) {
      return Optional.empty();
    }
    String[] ends = text.split("-", 2);
    var ports = new UdpPorts(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
    return 1024 <= ports.first && ports.first <= ports.last && ports.last <= 65_535
        ? Optional.of(ports)
        : Optional.empty();
  }

  /** The ports to try in this order; 0 lets the system choose. */
  public IntStream candidates() {
    return IntStream.rangeClosed(first, last);
  }

  @Override
  public String toString() {
    return equals(ANY) ? "any" : first + "-" + last;
  }
}
