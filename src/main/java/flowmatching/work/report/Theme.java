package flowmatching.work.report;

import java.awt.Color;
import java.util.List;
import java.util.stream.Stream;

/**
 * Colours of charts, the same as the page's.
 *
 * @param ground the background
 * @param text with a contrast of at least 7 to the background
 * @param lines of the grid
 * @param series with a contrast of at least 4.5 to the background
 */
record Theme(Color ground, Color text, Color lines, List<Color> series) {
  static final Theme LIGHT =
      of("#ffffff", "#1f2328", "#d1d9e0", "#0550ae", "#bc4c00", "#116329", "#8250df", "#8a5d00");
  static final Theme DARK =
      of("#12161c", "#e6edf3", "#39424e", "#58a6ff", "#ffa657", "#56d364", "#d2a8ff", "#e3b341");

  private static Theme of(String ground, String text, String lines, String... series) {
    return new Theme(
        Color.decode(ground),
        Color.decode(text),
        Color.decode(lines),
        Stream.of(series).map(Color::decode).toList());
  }
}
