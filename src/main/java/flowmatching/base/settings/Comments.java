package flowmatching.base.settings;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/** The comments in a text of HOCON: # or //, also within what looks like a path or an address. */
final class Comments {
  /**
   * A comment, or what a value or a key is made of: a quoted text, a substitution, a character. A
   * quoted text is matched possessively: a group that is repeated in another way takes a part of
   * the stack for each repetition.
   */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>(?:#|//)[^\n]*)"
              + "|\"\"\"[\\s\\S]*?\"\"\"+"
              + "|\"[^\"\\\\\n]*+(?:\\\\.[^\"\\\\\n]*+)*+\""
              + "|\\$\\{[^}\n]*}"
              + "|[^\\s,{}\\[\\]=:]");

  private Comments() {}

  /** Whether a text has a comment. */
  static boolean areIn(String text) {
    return TOKEN.matcher(text).results().anyMatch(token -> token.group(1) != null);
  }

  /** The line, from 1, of the first comment with nothing between it and a value. */
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
