package flowmatching.work.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * A page in HTML that needs nothing else: its pictures are in it, and it may load nothing. What it
 * is given is text, not HTML.
 *
 * @param figures that it begins with
 */
record Page(String title, List<Fact> figures, List<Section> sections) {
  private static final String TEMPLATE = "page.html";

  /** A part of it with a heading. What it does not have is empty. */
  record Section(
      String title, String text, List<Fact> facts, List<Picture> pictures, List<Table> tables) {
    Section(String title, String text) {
      this(title, text, List.of(), List.of(), List.of());
    }

    Section withFacts(Fact... all) {
      return new Section(title, text, List.of(all), pictures, tables);
    }

    Section withPictures(List<Picture> all) {
      return new Section(title, text, facts, all, tables);
    }

    Section withTables(Table... all) {
      return new Section(title, text, facts, pictures, List.of(all));
    }
  }

  /** A figure that stands out. */
  record Fact(String name, String value) {}

  /**
   * A picture.
   *
   * @param alt what it shows, for those who cannot see it
   * @param kind {@link #CHART}, or {@link #SHEET}, which is enlarged without smoothing
   * @param file as a {@code data:} URI
   * @param dark the same for dark ground; empty where there is none
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

  /** A table that is folded away below its caption. */
  record Table(String caption, List<String> head, List<Row> rows) {}

  record Row(List<String> cells) {}

  byte[] html() {
    try (Reader template =
        new InputStreamReader(Page.class.getResourceAsStream(TEMPLATE), StandardCharsets.UTF_8)) {
      return Mustache.compiler()
          .emptyStringIsFalse(true)
          .compile(template)
          .execute(this)
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("What is in the jar can be read.", e);
    }
  }
}
