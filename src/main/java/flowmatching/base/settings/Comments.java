package flowmatching.base.settings;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Finds comments in HOCON: # or //, also inside what looks like a path or an address. */
final class Comments {
  /**
   * A comment, or a part of a value or key: a quoted text, a substitution, a character. Quoted
   * texts are matched possessively, because other repeated groups take stack per repetition.
   */
  static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>(?:#|//)[^\n]*)"
              + "|\"\"\"[\\s\\S]*?\"\"\"+"
              + "|\"[^\"\\\\\n]*+(?:\\\\.[^\"\\\\\n]*+)*+\""
              + "|\\$\\{[^}\n]*}"
              + "|[^\\s,{}\\[\\]=:]");

  private Comments() {}

  /** Whether the text has a comment. */
  static boolean areIn(String text) {
    return TOKEN.matcher(text).results().anyMatch(token -> token.group(1) != null);
  }

  /** The line, from 1, of the first comment that directly follows a value. */
  static OptionalInt besideValue(String text) {
    var token = TOKEN.matcher(text);
    int valueEnd = -1;
    while (token.find()) {
      if (token.group("comment") == null) {
        valueEnd = token.end();
      } else if (token.start() == valueEnd) {
        return OptionalInt.of(
            1 + (int) text.substring(0, valueEnd).chars().filter(c -> c == '\n').count());
      }
    }
    return OptionalInt.empty();
  }
}
