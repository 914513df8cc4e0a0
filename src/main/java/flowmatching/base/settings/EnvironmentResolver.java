package flowmatching.base.settings;

import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;

/** Resolves other substitutions from the environment, with the variable as the origin. */
final class EnvironmentResolver implements ConfigResolver {
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
