package flowmatching.base.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The differences between two JSON values, in words for a user. */
public final class JsonDifferences {
  private JsonDifferences() {}

  /**
   * One phrase per value that differs, ordered by path: {@code train.seed is 1 there and 2 now}.
   * Objects are compared key by key. A missing key is a difference.
   *
   * @param there the value in a file
   * @param here the value that would be written now
   */
  public static List<String> between(JsonNode there, JsonNode here) {
    var differences = new ArrayList<String>();
    compare("", there, here, differences);
    return differences;
  }

  private static void compare(
      String path, JsonNode there, JsonNode here, List<String> differences) {
    if (there.isObject() && here.isObject()) {
      var names = new TreeSet<String>();
      there.fieldNames().forEachRemaining(names::add);
      here.fieldNames().forEachRemaining(names::add);
      for (var name : names) {
        var inner = path.isEmpty() ? name : path + "." + name;
        compare(inner, there.path(name), here.path(name), differences);
      }
    } else if (!there.equals(here)) {
      differences.add("%s is %s there and %s now".formatted(path, shown(there), shown(here)));
    }
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }
}
