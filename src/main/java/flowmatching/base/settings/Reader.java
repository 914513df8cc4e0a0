package flowmatching.base.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads values of a resolved configuration and collects what is wrong with them, so that one
 * message has all of it. A path that was asked for is a known key; any other is a problem.
 */
final class Reader {
  private final Config config;
  private final Set<String> known = new LinkedHashSet<>();

  /** The values that are set, by their paths, in the order in which they were read. */
  private final Map<String, ConfigValue> values = new LinkedHashMap<>();

  /** What the allowed ones among them mean. */
  private final Map<String, Object> meanings = new HashMap<>();

  private final List<String> problems = new ArrayList<>();

  Reader(Config config) {
    this.config = config;
  }

  /** The value at a path; if it is missing or not of the kind, a stand-in and a problem. */
  <T> T value(String path, Kind<T> kind) {
    var value = find(path);
    if (value == null) {
      if (!isHidden(path)) {
        problems.add("%s is not set: it must be %s.".formatted(path, kind.allowed()));
      }
      return kind.standIn();
    }
    return parse(path, value, kind);
  }

  /** The value at a path, or {@code absent} if it is not set. */
  <T> T value(String path, Kind<T> kind, T absent) {
    var value = find(path);
    return value == null ? absent : parse(path, value, kind);
  }

  /** The folder at a path; empty if it is not set, which is a problem only if it is required. */
  String folder(String path, boolean required) {
    return required ? value(path, Kind.FOLDER) : value(path, Kind.FOLDER, "");
  }

  /**
   * What the value at a path means: 256 for the text "256". Empty if the path is not a key or its
   * value is not allowed.
   */
  Optional<Object> meaning(String path) {
    return Optional.ofNullable(meanings.get(path));
  }

  /** Whether the values of all these paths are set and allowed, so that rules can compare them. */
  boolean sound(String... paths) {
    return meanings.keySet().containsAll(List.of(paths));
  }

  /** Adds a problem with a value that was read; the rule begins with "must". */
  void reject(String path, String rule) {
    problems.add(problem(path, values.get(path), "it " + rule));
  }

  /** All problems, one per line. Call it after the last value was read. */
  List<String> problems() {
    var all = new ArrayList<>(problems);
    addUnknown("", config.root(), all);
    return List.copyOf(all);
  }

  /** One line per value that is set, with its origin, in the order in which they were read. */
  String explanation() {
    var lines = new StringBuilder();
    values.forEach(
        (path, value) ->
            lines.append("%s = %s  # %s\n".formatted(path, render(value), origin(value))));
    return lines.toString();
  }

  /** The values that are set, as one JSON object of the sections on one line. */
  String json() {
    return ConfigFactory.parseMap(values).root().render(ConfigRenderOptions.concise());
  }

  /** The origin of each value that is set, by its path, in the order in which they were read. */
  Map<String, String> origins() {
    var origins = new LinkedHashMap<String, String>();
    values.forEach((path, value) -> origins.put(path, origin(value)));
    return origins;
  }

  private ConfigValue find(String path) {
    known.add(path);
    if (!config.hasPath(path)) {
      return null;
    }
    values.put(path, config.getValue(path));
    return values.get(path);
  }

  /** Whether a section above the path is set to a plain value, which is a problem by itself. */
  private boolean isHidden(String path) {
    ConfigValue value = config.root();
    for (var element : ConfigUtil.splitPath(path)) {
      if (value == null) {
        return false;
      }
      if (!(value instanceof ConfigObject section)) {
        return true;
      }
      value = section.get(element);
    }
    return false;
  }

  private <T> T parse(String path, ConfigValue value, Kind<T> kind) {
    var parsed = kind.parse().apply(value);
    if (parsed.isEmpty()) {
      var hint = Kind.text(value).flatMap(LocationText::problem).map("; "::concat).orElse("");
      reject(path, "must be " + kind.allowed() + hint);
      return kind.standIn();
    }
    values.put(path, exact(value, parsed.get()));
    meanings.put(path, parsed.get());
    return parsed.get();
  }

  /** The same value; HOCON renders a folder or a seed inexactly if it looks like a number. */
  private static ConfigValue exact(ConfigValue value, Object parsed) {
    boolean isText = value.valueType() == ConfigValueType.STRING;
    return !isText && (parsed instanceof String || parsed instanceof Long)
        ? ConfigValueFactory.fromAnyRef(parsed).withOrigin(value.origin())
        : value;
  }

  private void addUnknown(String prefix, ConfigObject section, List<String> all) {
    new TreeMap<>(section)
        .forEach(
            (key, value) -> {
              var path = prefix + ConfigUtil.joinPath(key);
              if (known.contains(path)) {
                return;
              }
              if (value instanceof ConfigObject inner) {
                addUnknown(path + ".", inner, all);
              } else {
                all.add(problem(path, value, misplaced(path)));
              }
            });
  }

  private String misplaced(String path) {
    return known.stream().anyMatch(key -> key.startsWith(path + "."))
        ? "this is a section: set its keys one by one"
        : "unknown key; the nearest is " + NearestKey.to(path, known);
  }

  private static String problem(String path, ConfigValue value, String sentence) {
    var written =
        value.valueType() == ConfigValueType.NUMBER
            ? Kind.text(value).orElseThrow()
            : render(value);
    return "%s = %s (%s): %s.".formatted(path, written, origin(value), sentence);
  }

  private static String render(ConfigValue value) {
    return LocationText.withoutCredentials(value.render(ConfigRenderOptions.concise()));
  }

  /** The text and line of a value. An argument has one line, so that its number is left out. */
  private static String origin(ConfigValue value) {
    return value.origin().description().replaceAll("\\bargument: \\d+", "argument");
  }
}
