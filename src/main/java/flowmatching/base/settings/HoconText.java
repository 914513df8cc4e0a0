package flowmatching.base.settings;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds comments (# or //, also inside what looks like a path) and open sections in HOCON. */
final class HoconText {
  /**
   * A comment, or a part of a value or key: a quoted text, a substitution, a character. Quoted
   * texts are matched possessively, because other repeated groups take stack per repetition.
   */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>(?:#|//)[^\n]*)"
              + "|\"\"\"[\\s\\S]*?\"\"\"+"
              + "|\"[^\"\\\\\n]*+(?:\\\\.[^\"\\\\\n]*+)*+\""
              + "|\\$\\{[^}\n]*}"
              + "|[^\\s,{}\\[\\]=:]");

  private HoconText() {}

  static boolean hasComment(String text) {
    return TOKEN.matcher(text).results().anyMatch(token -> token.group(1) != null);
  }

  /** The line, from 1, of the first comment that directly follows a value. */
  static Optional<Long> commentBesideValue(String text) {
    var token = TOKEN.matcher(text);
    int valueEnd = -1;
    while (token.find()) {
      if (token.group("comment") == null) {
        valueEnd = token.end();
      } else if (token.start() == valueEnd) {
        return Optional.of(1 + text.substring(0, valueEnd).chars().filter(c -> c == '\n').count());
      }
    }
    return Optional.empty();
  }

  /** The line, from 1, of the last opening brace that has no closing one. */
  static Optional<Integer> openBrace(String text) {
    // Only line breaks and what HOCON is made of remain.
    String signs =
        TOKEN
            .matcher(text)
            .replaceAll(token -> "\n".repeat((int) token.group().lines().skip(1).count()));
    var open = new ArrayDeque<Integer>();
    int line = 1;
    for (int i = 0; i < signs.length(); i++) {
      switch (signs.charAt(i)) {
        case '\n' -> line++;
        case '{' -> open.push(line);
        case '}' -> open.poll();
        default -> {}
      }
    }
    return Optional.ofNullable(open.peek());
  }
}
