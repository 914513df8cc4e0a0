package flowmatching.base.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import java.util.stream.Collectors;

/** What is wrong with a JSON file, in words without those of the library that reads it. */
final class JsonFault {
  private JsonFault() {}

  static String of(JsonProcessingException e) {
    var key = e instanceof JsonMappingException mapping ? key(mapping) : "";
    if (e.getOriginalMessage().startsWith("Missing")) {
      return "it has no '%s'".formatted(key);
    }
    var location = e.getLocation();
    var place =
        location == null
            ? ""
            : " (line %s, column %s)".formatted(location.getLineNr(), location.getColumnNr());
    return words(e, key) + place;
  }

  private static String words(JsonProcessingException e, String key) {
    // The parser's own exceptions may be wrapped by the one that has the key.
    if (e.getCause() instanceof JsonProcessingException cause) {
      return words(cause, key);
    }
    if (!(e instanceof JsonMappingException)) {
      // Jackson adds where an unclosed bracket is, in terms of its own classes.
      return e.getOriginalMessage().replaceFirst(" \\(start marker [\\s\\S]*", "");
    }
    if (e.getOriginalMessage().startsWith("Trailing token")) {
      return "more text follows its end";
    }
    if (e instanceof InvalidFormatException format
        && format.getValue() instanceof Double value
        && value.isInfinite()) {
      return "the number at '%s' is too large".formatted(key);
    }
    return key.isEmpty()
        ? "its content is of another kind than expected"
        : "the value of '%s' is null or of another kind than expected".formatted(key);
  }

  /** The path to the value: {@code parts[2].loss}. */
  private static String key(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            step ->
                step.getFieldName() == null
                    ? "[" + step.getIndex() + "]"
                    : "." + step.getFieldName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.", "");
  }
}
