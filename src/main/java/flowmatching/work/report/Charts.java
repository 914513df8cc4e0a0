package flowmatching.work.report;

import flowmatching.means.image.Png;
import flowmatching.work.report.Page.Picture;
import java.awt.AWTError;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Charts as pictures, each in a light and a dark theme. A machine without fonts cannot draw them:
 * the page then has none, with one warning.
 */
final class Charts {
  private static final Logger LOG = LoggerFactory.getLogger(Charts.class);

  /** In CSS pixels; small, so that text stays legible when a phone scales the chart down. */
  private static final int WIDTH = 480;

  private static final int HEIGHT = 320;

  /** Pixels of the picture per CSS pixel. */
  private static final int SCALE = 2;

  private static final int FONT_SIZE = 13;
  private static final int MOST_LABELS = 8;
  private static final int MARKER_SIZE = 6;

  private static final int LABEL_ROTATION_DEGREES = 50;

  private boolean canDraw = true;

  enum Kind {
    LINES,
    /** Side by side, for named places. */
    BARS,
    /** On top of each other. */
    STACKED_BARS
  }

  /** A line, or the bars of one colour: a value per place. */
  record Series(String name, List<Double> values) {}

  /**
   * A chart of values by place.
   *
   * @param alt its description, for people who cannot see it
   * @param axis name of the x axis
   * @param places on the x axis
   */
  List<Picture> byPlace(
      Kind kind, String caption, String alt, String axis, List<?> places, Series... series) {
    return pictures(
        caption,
        alt,
        theme -> {
          CategoryChart chart =
              new CategoryChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(axis).build();
          paint(chart.getStyler(), theme);
          style(chart.getStyler(), kind);
          for (Series one : series) {
            chart.addSeries(one.name(), places, one.values());
          }
          return chart;
        });
  }

  private static void style(CategoryStyler styler, Kind kind) {
    switch (kind) {
      case LINES -> {
        styler.setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        // Otherwise XChart shifts the lines sideways, as it does with bars.
        styler.setOverlapped(true).setMarkerSize(MARKER_SIZE);
        styler.setXAxisMaxLabelCount(MOST_LABELS);
      }
      case BARS -> styler.setXAxisLabelRotation(LABEL_ROTATION_DEGREES);
      case STACKED_BARS -> styler.setStacked(true).setXAxisMaxLabelCount(MOST_LABELS);
    }
  }

  record Point(double x, double y) {
    private boolean hasLogarithms() {
      return x > 0 && y > 0 && Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /** Lines with logarithmic axes, without the points that have no logarithm. */
  List<Picture> logarithmic(
      String caption, String alt, String axis, Map<String, List<Point>> series) {
    Map<String, List<Point>> shown = new LinkedHashMap<>(series);
    shown.replaceAll((name, points) -> points.stream().filter(Point::hasLogarithms).toList());
    shown.values().removeIf(List::isEmpty);
    if (shown.isEmpty()) {
      return List.of();
    }
    return pictures(
        caption,
        alt,
        theme -> {
          XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(axis).build();
          paint(chart.getStyler(), theme);
          // XChart's own logarithmic axes label only powers of ten.
          chart
              .getStyler()
              .setxAxisTickLabelsFormattingFunction(power -> label(power, 2))
              .setyAxisTickLabelsFormattingFunction(power -> label(power, 3))
              .setMarkerSize(MARKER_SIZE);
          shown.forEach(
              (name, points) ->
                  chart.addSeries(
                      name,
                      points.stream().map(point -> Math.log10(point.x())).toList(),
                      points.stream().map(point -> Math.log10(point.y())).toList()));
          return chart;
        });
  }

  private static String label(double power, int digits) {
    return Figures.of(
        BigDecimal.valueOf(Math.pow(10, power)).round(new MathContext(digits)).doubleValue());
  }

  private static void paint(AxesChartStyler styler, Theme theme) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE);
    styler.setXAxisTitleColor(theme.text()).setYAxisTitleColor(theme.text());
    styler
        .setAxisTitleFont(font)
        .setAxisTickLabelsFont(font)
        .setAxisTickLabelsColor(theme.text())
        .setAxisTickMarksColor(theme.lines())
        .setPlotGridLinesColor(theme.lines())
        .setPlotGridVerticalLinesVisible(false)
        .setLocale(Locale.ROOT);
    styler
        .setChartBackgroundColor(theme.ground())
        .setPlotBackgroundColor(theme.ground())
        .setPlotBorderVisible(false)
        .setChartFontColor(theme.text())
        .setLegendFont(font)
        .setLegendBackgroundColor(theme.ground())
        .setLegendBorderColor(theme.ground())
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setSeriesColors(theme.series().toArray(Color[]::new));
  }

  private List<Picture> pictures(String caption, String alt, Function<Theme, Chart<?, ?>> chart) {
    if (!canDraw) {
      return List.of();
    }
    try {
      return List.of(
          new Picture(
              caption,
              alt,
              Picture.CHART,
              Picture.uri(Png.encode(drawn(chart.apply(Theme.LIGHT)))),
              Picture.uri(Png.encode(drawn(chart.apply(Theme.DARK)))),
              WIDTH,
              HEIGHT));
    } catch (RuntimeException e) {
      LOG.warn(
          "The report leaves out the chart '{}' because of a defect of the program: please report it.",
          caption,
          e);
    } catch (AWTError | InternalError | LinkageError e) {
      // Thrown if fontconfig, the fonts or the configured display are missing.
      canDraw = false;
      LOG.warn(
          "The report leaves out its charts because this machine cannot draw text ({}): install fontconfig and a font, such as fonts-dejavu-core, and run Java with java.awt.headless=true.",
          e.toString());
    }
    return List.of();
  }

  private static BufferedImage drawn(Chart<?, ?> chart) {
    BufferedImage image =
        new BufferedImage(SCALE * WIDTH, SCALE * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.scale(SCALE, SCALE);
      chart.paint(graphics, WIDTH, HEIGHT);
    } finally {
      graphics.dispose();
    }
    return image;
  }
}
