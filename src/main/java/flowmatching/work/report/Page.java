package flowmatching.work.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * A self-contained HTML page: it contains its pictures and loads nothing. All texts are escaped.
 *
 * @param figures at the top of the page
 */
record Page(String title, List<Fact> figures, List<Section> sections) {
  private static final String TEMPLATE = "page.html";

  /** A part of the page with a heading. What it does not have is empty. */
  record Section(
      String title, String text, List<Fact> facts, List<Picture> pictures, List<Table> tables) {
    Section(String title, String text, List<Picture> pictures, Table... tables) {
      this(title, text, List.of(), pictures, List.of(tables));
    }
  }

  /** A highlighted figure. */
  record Fact(String name, String value) {}

  /**
   * A picture.
   *
   * @param alt its description, for people who cannot see it
   * @param kind {@link #CHART}, or {@link #SHEET}, which is enlarged without smoothing
   * @param file as a {@code data:} URI
   * @param dark the same for the dark theme; empty if there is none
   * @param width in CSS pixels
   */
  record Picture(
      String caption, String alt, String kind, String file, String dark, int width, int height) {
    static final String CHART = "chart";
    static final String SHEET = "sheet";

    static String uri(byte[] png) {
      return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }
  }

  /** A table that opens when its caption is clicked. */
  record Table(String caption, List<String> head, List<List<String>> rows) {}

  byte[] html() {
    try (Reader template =
        new InputStreamReader(Page.class.getResourceAsStream(TEMPLATE), StandardCharsets.UTF_8)) {
      return Mustache.compiler()
          .emptyStringIsFalse(true)
          .compile(template)
          .execute(this)
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("A file in the jar can always be read.", e);
    }
  }
}
