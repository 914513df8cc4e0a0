package flowmatching.base.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigResolveOptions;
import java.util.List;

/** What is wrong with a text of HOCON, in words without those of the library that reads it. */
final class HoconFault {
  /** How the library reports a list or section that stands beside another value. */
  private static final String JOIN = "Cannot concatenate object or list with ";

  /** The example has single quotes, because a shell would remove double quotes alone. */
  private static final String QUOTES =
      "; a text with other characters than letters, digits, _, -, . and / needs double quotes, as in 'evaluate.solvers=[\"euler:10\"]'";

  private HoconFault() {}

  /**
   * The message on one line. Where it has jargon or long guesses at what was meant, which hide what
   * is wrong, it has other words instead.
   *
   * @param text that the library read
   */
  static String words(ConfigException e, String text) {
    String brace =
        HoconText.openBrace(text)
            .map("a } is missing for the { in line %d, or for one after it"::formatted)
            .orElse("a } is missing");
    return e.getMessage()
        .replaceAll("\\s*\\R\\s*", " ")
        .replaceFirst(" \\(if you (want|intended) ('.+) to be part of .*", QUOTES)
        .replaceFirst(" \\(if you .*", "")
        .replaceFirst("(?i)expecting (a )?close (parentheses|brace) .*end of file.*", brace)
        .replaceFirst("expecting a close parentheses '\\)' here, not: ", "a key must be here, not ")
        .replaceFirst(
            JOIN + ".*",
            "a list or a section is joined to another value, but lists can only be joined to lists,"
                + " and sections to sections");
  }

  /** Whether the fault is that a list or a section was joined to another value. */
  static boolean isBadJoin(ConfigException e) {
    return e.getMessage().contains(JOIN);
  }

  /**
   * A sentence per key of a text whose value cannot be joined to another. The library reports such
   * a value with the place of the other one, which may be in another text.
   *
   * @param layer what the library read from the text, with substitutions
   * @param lower what is below it
   */
  static List<String> badJoins(
      String text, Config layer, Config lower, ConfigResolveOptions options) {
    String fault =
        text.contains("+=")
            ? "%s: += is not supported for %s, because its value is not a list: write %s = and the new value"
            : "%s: %s joins a list or a section to another value: write %s = and the whole value";
    try {
      return layer.entrySet().stream()
          .filter(
              entry -> isBadJoin(layer.withOnlyPath(entry.getKey()).withFallback(lower), options))
          .map(
              entry ->
                  fault.formatted(
                      entry.getValue().origin().description(), entry.getKey(), entry.getKey()))
          .sorted()
          .toList();
    } catch (ConfigException.NotResolved e) {
      // A section that a substitution makes has no keys yet.
      return List.of();
    }
  }

  private static boolean isBadJoin(Config layers, ConfigResolveOptions options) {
    try {
      layers.resolve(options.setAllowUnresolved(true));
      return false;
    } catch (ConfigException e) {
      return isBadJoin(e);
    }
  }
}
