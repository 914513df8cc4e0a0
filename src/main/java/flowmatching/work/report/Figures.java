package flowmatching.work.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/** Numbers as text, the same in every locale. */
final class Figures {
  private static final MathContext FOUR_DIGITS = new MathContext(4);

  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

  private Figures() {}

  /** Four significant digits without trailing zeros; all digits before the decimal point. */
  static String of(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(FOUR_DIGITS);
    return rounded.abs().compareTo(THOUSAND) >= 0
        ? count(Math.round(value))
        : rounded.stripTrailingZeros().toPlainString();
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** Hours and minutes, or minutes and seconds. */
  static String duration(double seconds) {
    long s = Math.round(seconds);
    return s >= 3600
        ? String.format(Locale.ROOT, "%d h %02d min", s / 3600, s % 3600 / 60)
        : String.format(Locale.ROOT, "%d min %02d s", s / 60, s % 60);
  }

  /** The two ends of an interval; empty if there is none. */
  static String interval(List<Double> ends) {
    return ends.size() < 2 ? "" : "%s to %s".formatted(of(ends.get(0)), of(ends.get(1)));
  }
}
