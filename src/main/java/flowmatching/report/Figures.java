package flowmatching.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** Numbers as they are read best. */
final class Figures {
  private Figures() {}

  /** Three or four digits. */
  static String of(double value) {
    double size = Math.abs(value);
    return String.format(
        Locale.ROOT,
        size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f",
        value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** Hours and minutes, or minutes and seconds. */
  static String duration(double seconds) {
    long s = Math.round(seconds);
    return s >= 3600
        ? "%d h %02d min".formatted(s / 3600, s % 3600 / 60)
        : "%d min %02d s".formatted(s / 60, s % 60);
  }

  /** The two ends of an interval; empty where there is none. */
  static String interval(JsonNode ends) {
    return ends.isEmpty()
        ? ""
        : "%s to %s".formatted(of(ends.required(0).asDouble()), of(ends.required(1).asDouble()));
  }
}
