package flowmatching.base.settings;

import java.util.ArrayDeque;
import java.util.OptionalInt;

/** Finds sections in HOCON that have no end. */
final class Braces {
  private Braces() {}

  /** The line, from 1, of the last opening brace that has no closing one. */
  static OptionalInt unclosed(String text) {
    // Only line breaks and what HOCON is made of remain.
    String signs =
        Comments.TOKEN
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
    return open.isEmpty() ? OptionalInt.empty() : OptionalInt.of(open.peek());
  }
}
