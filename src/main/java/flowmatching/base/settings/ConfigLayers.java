package flowmatching.base.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import flowmatching.base.failure.ConfigurationFailure;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Layers texts into one configuration: arguments over files, later files over earlier ones, all
 * over {@code reference.conf}. System properties are not used, and environment variables only if a
 * text names them.
 */
final class ConfigLayers {
  private static final List<String> SECTIONS =
      List.of("data", "model", "train", "sample", "evaluate");

  /**
   * The values of arguments that are HOCON: lists, objects, quoted strings, substitutions, numbers
   * and booleans. Others are taken as plain text, because HOCON would see comments in a path.
   */
  private static final Pattern HOCON =
      Pattern.compile(
          "[\\[{\"].*|.*\\$\\{.*|-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false",
          Pattern.DOTALL);

  private static final ConfigResolveOptions RESOLVING =
      ConfigResolveOptions.noSystem().appendResolver(new Environment());

  /** Resolves other substitutions from the environment, with the variable as the origin. */
  private static final class Environment implements ConfigResolver {
    @Override
    public ConfigValue lookup(String name) {
      var value = System.getenv(name);
      return value == null
          ? null
          : ConfigValueFactory.fromAnyRef(value, "environment variable " + name);
    }

    @Override
    public ConfigResolver withFallback(ConfigResolver fallback) {
      return this;
    }
  }

  /** A text, what was read from it, and what is below. */
  private record Layer(String text, Config config, Config lower) {}

  private final List<Layer> layers = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Config layered;

  private ConfigLayers(Config lowest) {
    this.layered = lowest;
  }

  /**
   * Merges the texts and resolves substitutions.
   *
   * @param today the run date if none is set
   * @throws ConfigurationFailure with everything that is not HOCON, one line each
   */
  static Config resolve(LocalDate today, List<Source> files, List<String> arguments) {
    var layers = new ConfigLayers(reference(today));
    files.forEach(layers::addFile);
    arguments.forEach(layers::addArgument);
    return layers.resolve();
  }

  /** Our sections of reference.conf, which may be merged from those of several libraries. */
  private static Config reference(LocalDate today) {
    var merged =
        ConfigFactory.parseResources(
            ConfigLayers.class.getClassLoader(),
            "reference.conf",
            ConfigParseOptions.defaults()
                .setAllowMissing(false)
                .setOriginDescription("reference.conf"));
    var runDate = ConfigValueFactory.fromAnyRef(today.toString(), "today");
    return SECTIONS.stream()
        .map(merged::withOnlyPath)
        .reduce(runDate.atPath("sample.run-date"), Config::withFallback);
  }

  private void addFile(Source file) {
    HoconText.commentBesideValue(file.text())
        .ifPresent(
            line ->
                addProblem(
                    "%s: %d: a comment begins directly after a value: put a value with # or // in double quotes, or a space before a comment"
                        .formatted(file.origin(), line)));
    try {
      add(file.text(), ConfigFactory.parseString(file.text(), options(file.origin())));
    } catch (ConfigException e) {
      addProblem(HoconFault.words(e, file.text()));
    }
  }

  private void add(String text, Config config) {
    layers.add(new Layer(text, config, layered));
    layered = config.withFallback(layered);
  }

  private void addArgument(String argument) {
    int equals = argument.indexOf('=');
    if (equals < 0) {
      addProblem(
          "argument %s: an argument has the form path=value, such as train.epochs=5"
              .formatted(argument));
      return;
    }
    if (argument.startsWith("+=", equals - 1)) {
      addProblem(
          "argument %s: += is not supported in an argument: write = and the whole value"
              .formatted(argument));
      return;
    }
    try {
      // Path and value are parsed separately, so that neither can end early and set another key.
      var path = ConfigUtil.splitPath(argument.substring(0, equals));
      var value = argumentValue(argument.substring(equals + 1));
      for (int i = path.size() - 1; i >= 0; i--) {
        value = ConfigValueFactory.fromMap(Map.of(path.get(i), value), "argument");
      }
      add(argument, ((ConfigObject) value).toConfig());
    } catch (ConfigException e) {
      var reason = HoconFault.words(e, "").replaceFirst("^argument: (\\d+: )?", "");
      addProblem("argument %s: %s".formatted(argument, reason));
    }
  }

  private static ConfigValue argumentValue(String text) {
    if (!HOCON.matcher(text).matches()) {
      return ConfigValueFactory.fromAnyRef(text, "argument");
    }
    if (HoconText.hasComment(text)) {
      throw new ConfigException.Generic(
          "# and // begin a comment in a value with ${, [, { or a quote: put them in double quotes if they belong to the value, as in sample.output=${train.output}\"#2\"");
    }
    var object = ConfigFactory.parseString("value = " + text, options("argument")).root();
    if (object.size() != 1) {
      throw new ConfigException.Generic(
          "text follows the value; quote the whole if it is one string");
    }
    return object.get("value").withOrigin(ConfigOriginFactory.newSimple("argument"));
  }

  private static ConfigParseOptions options(String origin) {
    return ConfigParseOptions.defaults()
        .setOriginDescription(origin)
        .setIncluder(new RefusedIncludes(origin));
  }

  private Config resolve() {
    if (problems.isEmpty()) {
      try {
        return layered.resolve(RESOLVING);
      } catch (ConfigException e) {
        if (HoconFault.isBadJoin(e)) {
          layers.forEach(
              layer ->
                  HoconFault.badJoins(layer.text(), layer.config(), layer.lower(), RESOLVING)
                      .forEach(this::addProblem));
        }
        if (problems.isEmpty()) {
          addProblem(HoconFault.words(e, ""));
        }
      }
    }
    throw new ConfigurationFailure(
        "The configuration cannot be read:\n  " + String.join("\n  ", problems));
  }

  private void addProblem(String sentence) {
    var line = sentence.replaceAll("\\s*\\R\\s*", " ");
    problems.add(LocationText.withoutCredentials(line) + (line.endsWith(".") ? "" : "."));
  }
}
