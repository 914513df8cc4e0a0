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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads values of a resolved configuration and keeps what is wrong with them, so that all of it can
 * be told at once. A path that was asked for is a known key; any other is a problem.
 */
final class Reader {
  private final ConfigObject root;

  /** The known keys in the order in which they were asked for, each with its value or null. */
  private final Map<String, ConfigValue> known = new LinkedHashMap<>();

  /** What the values that were read mean, by their paths. */
  private final Map<String, Object> meanings = new HashMap<>();

  private final Set<String> unread = new HashSet<>();
  private final List<String> problems = new ArrayList<>();

  Reader(Config config) {
    this.root = config.root();
  }

  /** The value at a path; where it is missing or not of the kind, a stand-in, and a problem. */
  <T> T value(String path, Kind<T> kind) {
    var value = find(path);
    if (value == null) {
      unread.add(path);
      if (!isHidden(path)) {
        problems.add("%s is not set: it must be %s.".formatted(path, kind.allowed()));
      }
      return kind.standIn();
    }
    return parse(path, value, kind);
  }

  /** The value at a path, or another where none is set. */
  <T> T value(String path, Kind<T> kind, T absent) {
    var value = find(path);
    return value == null ? absent : parse(path, value, kind);
  }

  /**
   * What the value at a path means: 256, if a text has "256"; empty if it was not read as a key.
   */
  Optional<Object> meaning(String path) {
    return Optional.ofNullable(meanings.get(path));
  }

  /** Whether the values of all these paths were read: only then can one be held against others. */
  boolean sound(String... paths) {
    return List.of(paths).stream().noneMatch(unread::contains);
  }

  /** Adds a problem with a value that was read; the rule begins with "must". */
  void reject(String path, String rule) {
    problems.add(problem(path, known.get(path), "it " + rule));
  }

  /** All problems, a line each; ask after the last value was read. */
  List<String> problems() {
    var all = new ArrayList<>(problems);
    addUnknown("", root, all);
    return List.copyOf(all);
  }

  /** The values that are set, a line each with its origin, in the order in which they were read. */
  String explanation() {
    var lines = new StringBuilder();
    known.forEach(
        (path, value) -> {
          if (value != null) {
            lines.append("%s = %s  # %s\n".formatted(path, render(value), origin(value)));
          }
        });
    return lines.toString();
  }

  /** The values that are set, as one JSON object of the sections on one line. */
  String json() {
    var values = ConfigFactory.empty();
    for (var setting : known.entrySet()) {
      if (setting.getValue() != null) {
        values = setting.getValue().atPath(setting.getKey()).withFallback(values);
      }
    }
    return values.root().render(ConfigRenderOptions.concise());
  }

  /** Where each value that is set comes from, by its path, in the order in which they were read. */
  Map<String, String> origins() {
    var origins = new LinkedHashMap<String, String>();
    known.forEach(
        (path, value) -> {
          if (value != null) {
            origins.put(path, origin(value));
          }
        });
    return origins;
  }

  private ConfigValue find(String path) {
    ConfigValue value = root;
    for (var element : ConfigUtil.splitPath(path)) {
      value = value instanceof ConfigObject section ? section.get(element) : null;
    }
    var found = value == null || value.valueType() == ConfigValueType.NULL ? null : value;
    known.put(path, found);
    return found;
  }

  /** Whether a section above the path was set to a plain value, which is a problem of its own. */
  private boolean isHidden(String path) {
    ConfigValue value = root;
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
      unread.add(path);
      var hint = kind.hint().apply(value).map("; "::concat).orElse("");
      reject(path, "must be " + kind.allowed() + hint);
      return kind.standIn();
    }
    known.put(path, exact(value, parsed.get()));
    meanings.put(path, parsed.get());
    return parsed.get();
  }

  /** The same value; HOCON would render a folder or a seed that it takes for a number inexactly. */
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
              if (known.containsKey(path)) {
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
    return known.keySet().stream().anyMatch(key -> key.startsWith(path + "."))
        ? "this is a section, whose keys are set one by one"
        : "there is no such key; the nearest is " + NearestKey.to(path, known.keySet());
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

  /** The text and line that a value is from; an argument is one line, whose number says nothing. */
  private static String origin(ConfigValue value) {
    return value.origin().description().replaceAll("\\bargument: \\d+", "argument");
  }
}
