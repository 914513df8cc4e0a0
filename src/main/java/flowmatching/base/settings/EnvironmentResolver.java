package flowmatching.base.settings;

import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;

/** Resolves what no text sets from the environment, and names the variable as its origin. */
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
